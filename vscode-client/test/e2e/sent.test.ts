/** What an edit sends of other files: shown under the input, left out, mentioned, listed afterwards. */

import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";

import type { Locator } from "playwright-core";

import { model, scenario, vs } from "./context.js";
import { until } from "./driver/probe.js";
import { ask, openInput, rows, run, sessions, untilReview } from "./midstream.js";

const MONEY = `"""Money."""


def rounded(amount):
    """The amount in whole cents."""
    return round(amount, 2)
`;
const PRICE = `def price(net):
    return rounded(net * 1.19)`;
/** `price` on lines 4 and 5. */
const INVOICE = `from shop.money import rounded\n\n\n${PRICE}\n`;
const ANSWER = PRICE.replace("net * 1.19", "net * 1.2");

/** Words of the file that is not open. */
const FAR = "The amount in whole cents.";

/** Opens the file that is edited, beside one that it imports, and selects its function. */
async function opened(): Promise<void> {
  mkdirSync(vs.path("shop"), { recursive: true });
  writeFileSync(vs.path("shop/money.py"), MONEY);
  await vs.open("invoice.py", INVOICE);
  await vs.selectLines(4, 5);
}

function row(words: string | RegExp): Locator {
  return rows().filter({ hasText: words }).first();
}

async function untilTyped(value: string): Promise<void> {
  await until("the input has it", async () => (await vs.input.inputValue()) === value);
}

scenario("the input counts the other files, and one that is taken out is not sent", async () => {
  await opened();
  await openInput();
  await row(/\+\d+ files?.*tokens?/).waitFor();
  await vs.code.screenshot("context-row");
  await row(/\+\d+ files?/).click();
  const money = row(/shop\/money\.py:\d+-\d+.*definition/);
  await money.waitFor();
  await vs.code.screenshot("context-list");
  await money.hover();
  await money.locator(".action-label").first().click();
  await row(/shop\/money\.py:.*left out/).waitFor();
  await vs.press("Escape");
  await row(/left out/).waitFor();
  await vs.type("raise the tax");
  await vs.press("Enter");
  const without = await model.next();
  assert.ok(!without.prompt.includes(FAR), "the file is left out");
  without.answer(ANSWER);
  await untilReview();
  await vs.press("Escape");
  // The next edit begins with everything again.
  await vs.focusEditor();
  await run("midstream.revert");
  await vs.selectLines(4, 5);
  await openInput();
  await row(/\+\d+ files?.*tokens?/).waitFor();
  await vs.type("raise the tax");
  await vs.press("Enter");
  const asked = await model.next();
  assert.ok(asked.prompt.includes(FAR), "the definition is sent");
  asked.answer(ANSWER);
});

scenario("a piece can be looked at, and the code to edit comes back", async () => {
  await opened();
  await openInput();
  await vs.type("raise the tax");
  await row(/\+\d+ files?/).click();
  await row(/shop\/money\.py:/).click();
  const active = (name: string): Promise<true> =>
    until(`${name} is shown`, () =>
      vs.code.probe.run(
        (vscode, _diary, path) => vscode.window.activeTextEditor?.document.uri.fsPath === path,
        vs.path(name),
      ),
    );
  await active("shop/money.py");
  await vs.press("Escape");
  await active("invoice.py");
  await untilTyped("raise the tax");
  await vs.press("Enter");
  const asked = await model.next();
  assert.match(asked.prompt, /raise the tax/);
  asked.answer(ANSWER);
  await untilReview();
  assert.equal(await vs.text("invoice.py"), INVOICE.replace(PRICE, ANSWER));
});

scenario("the status lists what the edit has sent, and opens it", async () => {
  await opened();
  await ask("raise the tax");
  (await model.next()).answer(ANSWER);
  await untilReview();
  await vs.press("Escape");
  await vs.focusEditor();
  await run("midstream.showStatus");
  await row(/Sent: invoice\.py:/).waitFor();
  await row(/Sent: shop\/money\.py:/).click();
  await until("the file is open", () =>
    vs.code.probe.run(
      (vscode, _diary, path) => vscode.window.activeTextEditor?.document.uri.fsPath === path,
      vs.path("shop/money.py"),
    ),
  );
});

scenario("a # suggests files; Tab completes the first, and Enter asks", async () => {
  await opened();
  await openInput();
  await vs.type("round as #mon");
  await row("#shop/money.py").waitFor();
  await vs.code.screenshot("mention");
  await vs.press("Tab");
  await untilTyped("round as #shop/money.py ");
  await until("the suggestions are gone", async () => !(await row(/^\W*#shop/).isVisible()));
  await vs.type("does");
  await vs.press("Enter");
  const asked = await model.next();
  assert.match(asked.prompt, /round as #shop\/money\.py does/);
  assert.ok(asked.prompt.includes(FAR), "what is mentioned is sent");
  asked.answer(ANSWER);
  await untilReview();
  await vs.press("Escape");
});

scenario("a suggestion that is picked completes the text, and asks nothing", async () => {
  await opened();
  await openInput();
  await vs.type("as #shop/m");
  await row("#shop/money.py").waitFor();
  await vs.press("ArrowDown");
  await vs.press("Enter");
  await untilTyped("as #shop/money.py ");
  assert.deepEqual(await sessions(), []);
  await vs.press("Escape");
  await vs.input.waitFor({ state: "hidden" });
});

scenario("the selection in another editor can be mentioned by its lines", async () => {
  await opened();
  await vs.open("shop/money.py", undefined, 2);
  await vs.selectLines(4, 6);
  await vs.open("invoice.py", undefined, 1);
  await vs.focusEditor();
  await vs.selectLines(4, 5);
  await openInput();
  await vs.type("as in #");
  await row("#shop/money.py:4-6").waitFor();
  await vs.press("Tab");
  await untilTyped("as in #shop/money.py:4-6 ");
  await vs.press("Escape");
});
