"""`midstream recipes`: what the practice model can do, and how to ask for it."""

from lsp_server.practice import RECIPES


def run() -> int:
    """Print the recipes; returns the exit code."""
    print("The practice model is built in and needs no key and no network. It knows:\n")
    for recipe in RECIPES:
        print(f'  "{recipe.example}"')
        print(f"      {recipe.summary}")
        print(f"      {recipe.languages}\n")
    print("Other words work too, as do several wishes in one sentence, and a redirect. Try:")
    print('  midstream edit FILE --lines A-B -m "use f-strings and remove the debug prints"')
    return 0
