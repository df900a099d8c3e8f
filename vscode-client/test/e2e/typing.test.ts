/** No key is lost: 200 real keys while answers stream, outside and inside of the scope; no cursor jumps. */

import assert from "node:assert/strict";

import { model, scenario, vs } from "./context.js";
import { pieces } from "./driver/model.js";
import { until } from "./driver/probe.js";
import { ask, untilReview } from "./midstream.js";
import { AREA, BETTER_AREA, bigClass, SHAPES } from "./texts.js";

const LETTERS = "abcdefghijklmnopqrstuvwxyz";
/** Milliseconds between two keys: a fast typist. */
const PAUSE = 60;

/** A hundred letters in which no two neighbours come twice, so that a lost or doubled key shows. */
function hundredKeys(strides: number[]): string {
  return Array.from(
    { length: 100 },
    (_, n) => LETTERS[(n * (strides[Math.floor(n / 26)] ?? 1)) % 26],
  ).join("");
}

scenario("a hundred keys typed below the scope while it streams are all there", async () => {
  const [old, wanted] = [bigClass(45), bigClass(45, "amount")];
  await vs.open("ledger.py", `${old}\n\n\n# note: \n`);
  await vs.goTo(1);
  await ask("call it amount");
  const asked = await model.next();
  await goToNote();
  asked.say(["```\n", ...pieces(wanted)], 120);
  await vs.untilText("ledger.py", "the stream has begun", (text) => text.includes("amount"));
  const keys = hundredKeys([3, 5, 7, 9]);
  await vs.type(keys, PAUSE);
  assert.ok(!asked.cut, "typing elsewhere does not stop the stream");
  const during = await vs.text("ledger.py");
  assert.ok(during.includes(`# note: ${keys}\n`), "all keys are there, in their order");
  asked.say(["\n```\n"]);
  asked.finish();
  await untilReview();
  assert.equal((await vs.savedBytes("ledger.py")).toString(), `${wanted}\n\n\n# note: ${keys}\n`);
});

scenario("a hundred keys typed inside of the scope while it streams are all there", async () => {
  const [old, wanted] = [bigClass(45), bigClass(45, "amount")];
  const note = (text: string): string =>
    text.replace("class Ledger:\n", 'class Ledger:\n    name = ""  # note: \n');
  await vs.open("ledger.py", `${note(old)}\n`);
  await vs.goTo(1);
  await ask("call it amount");
  const asked = await model.next();
  await goToNote();
  asked.say(["```\n", ...pieces(note(wanted))], 120);
  await vs.untilText("ledger.py", "the stream has begun", (text) => text.includes("amount"));
  const keys = hundredKeys([11, 15, 17, 19]);
  await vs.type(keys, PAUSE);
  asked.say(["\n```\n"]);
  asked.finish();
  await untilReview();
  const saved = (await vs.savedBytes("ledger.py")).toString();
  assert.equal(saved, `${note(wanted).replace("# note: ", `# note: ${keys}`)}\n`);
});

scenario(
  "the cursor and the selection stay where they are while text streams above and at them",
  async () => {
    await vs.open("shapes.py", SHAPES);
    await vs.selectLines(4, 7);
    await ask("rename it well");
    const asked = await model.next();
    await vs.page.locator(".view-line", { hasText: "the end" }).first().click();
    await vs.press("Home");
    await vs.press("ArrowRight");
    await vs.press("ArrowRight");
    await vs.press("Shift+End");
    const selected = async (): Promise<string | undefined> =>
      vs.code.probe.run((vscode) => {
        const editor = vscode.window.activeTextEditor;
        return editor?.document.getText(editor.selection);
      });
    await until("the words are selected", async () => (await selected()) === "the end");
    asked.answer(BETTER_AREA.replace('"""\n', '"""\n\n'), 60);
    await vs.untilText("shapes.py", "the answer is there", (text) =>
      text.includes("return result"),
    );
    assert.equal(await selected(), "the end");
    await untilReview();
    assert.equal(await selected(), "the end");
  },
);

scenario("the cursor at the very start of the scope is not pushed away", async () => {
  await vs.open("shapes.py", SHAPES);
  await vs.goTo(4, 1);
  await ask("decorate it");
  const asked = await model.next();
  asked.answer(`@functools.cache\n${AREA}`, 60);
  await untilReview();
  assert.match(await vs.text("shapes.py"), /@functools\.cache\ndef area/);
  const selection = await vs.selection();
  assert.deepEqual(selection, [
    [3, 0],
    [3, 0],
  ]);
});

scenario("the user's scrolling is left alone", async () => {
  const [old, wanted] = [bigClass(45), bigClass(45, "amount")];
  await vs.open("ledger.py", `${old}\n`);
  await vs.goTo(1);
  await ask("call it amount");
  const asked = await model.next();
  await vs.page.locator(".monaco-editor .view-lines").first().hover();
  const top = (): Promise<number | undefined> =>
    vs.code.probe.run((vscode) => vscode.window.activeTextEditor?.visibleRanges[0]?.start.line);
  await until("it is scrolled", async () => {
    await vs.page.mouse.wheel(0, 400);
    return ((await top()) ?? 0) > 50;
  });
  await until("it stands still", async () => {
    const seen = await top();
    return vs.code.probe.run(
      async (vscode, _diary, line) =>
        new Promise<boolean>((resolve) => {
          setTimeout(
            () => resolve(vscode.window.activeTextEditor?.visibleRanges[0]?.start.line === line),
            300,
          );
        }),
      seen ?? -1,
    );
  });
  const before = await top();
  asked.answer(wanted, 600);
  await untilReview();
  assert.equal(await top(), before);
});

async function goToNote(): Promise<void> {
  // With the pointer, because the keys are the input's. A class of 300 lines ends below the screen.
  await vs.code.probe.run((vscode) => {
    const editor = vscode.window.activeTextEditor;
    if (!editor) return;
    const line = editor.document.positionAt(editor.document.getText().indexOf("# note: "));
    editor.revealRange(new vscode.Range(line, line));
  });
  await vs.page.locator(".view-line", { hasText: "note:" }).first().click();
  await vs.press("End");
}
