/** The pictures of docs/editors.md, light and dark. With MIDSTREAM_PICTURES=1 they are copied to docs/. */

import { copyFileSync } from "node:fs";
import { join } from "node:path";

import { ROOT } from "./bare.js";
import { model, scenario, vs } from "./context.js";
import { pieces } from "./driver/model.js";
import { ask, lens, untilReview } from "./midstream.js";

const BEFORE = `"""What an order costs."""

FREE_FROM = 50.0
SHIPPING = {"DE": 4.9, "FR": 6.5, "NO": 12.0}


def shipping(order, log):
    tmp = 0.0
    if order.country in SHIPPING:
        if order.total < FREE_FROM:
            tmp = SHIPPING[order.country]
    else:
        log.warning("no shipping to %s" % order.country)
        raise ValueError("We do not ship to %s." % order.country)
    print("shipping", tmp)
    return tmp


def invoice(order, log):
    return order.total + shipping(order, log)
`;
const ANSWER = `def shipping(order, log):
    total = 0.0
    if order.country in SHIPPING:
        if order.total < FREE_FROM:
            total = SHIPPING[order.country]
    else:
        log.warning(f"no shipping to {order.country}")
        raise ValueError(f"We do not ship to {order.country}.")
    return total`;
const ROOM = { x: 48, y: 0, width: 900, height: 480 };

for (const [name, theme] of [
  ["light", "Default Light Modern"],
  ["dark", "Default Dark Modern"],
] as const) {
  scenario(`a picture of a stream, ${name}`, async () => {
    await vs.code.probe.run(async (vscode, _diary, wanted) => {
      await vscode.workspace
        .getConfiguration("workbench")
        .update("colorTheme", wanted, vscode.ConfigurationTarget.Global);
    }, theme);
    await vs.page
      .locator(name === "dark" ? ".monaco-workbench.vs-dark" : ".monaco-workbench.vs")
      .waitFor();
    await vs.open("orders.py", BEFORE);
    await vs.goTo(7);
    await vs.press("Control+b");
    await ask("f-strings, rename tmp to total, no prints");
    const asked = await model.next();
    const tokens = pieces(ANSWER);
    const held = tokens.length - 16;
    asked.say(["```\n", ...tokens.slice(0, held)], 80);
    await vs.untilText("orders.py", "the first f-string is there", (text) =>
      text.includes('f"no shipping'),
    );
    await lens("Stop").first().waitFor();
    await vs.type("keep the log line");
    const picture = join(vs.code.wishes.run, "screenshots", `vscode-${name}.png`);
    await vs.page.screenshot({ path: picture, clip: ROOM });
    if (process.env.MIDSTREAM_PICTURES)
      copyFileSync(picture, join(ROOT, "docs", `vscode-${name}.png`));
    asked.say([...tokens.slice(held), "\n```\n"]);
    asked.finish();
    await untilReview();
    await vs.press("Escape");
    await vs.focusEditor();
    await vs.press("Control+b");
  });
}
