/** Imports that an edit offers: shown, added by itself or with the edit, left out, taken back. */

import assert from "node:assert/strict";

import { changeSettings, model, scenario, vs } from "./context.js";
import { pieces } from "./driver/model.js";
import { until } from "./driver/probe.js";
import { ask, keyOf, lens, rows, run, untilNoSession, untilReview } from "./midstream.js";

const LOAD = `def load(path):
    with open(path) as file:
        return file.read()`;
const LOAD_JSON = `def load(path):
    with open(path) as file:
        return json.load(file)`;

const IMPORTS = "import re\nimport sys\n";
const WITH_JSON = `import json\n${IMPORTS}`;
/** The imports on lines 3 and 4, `load` on lines 7 to 9. */
const NOTES = `"""Reads notes."""\n\n${IMPORTS}\n\n${LOAD}\n`;
const EDITED = NOTES.replace(LOAD, LOAD_JSON);
const EDITED_WITH_IMPORT = EDITED.replace(IMPORTS, WITH_JSON);

/** An edit in review whose answer names an import; the input is still open. */
async function offered(): Promise<void> {
  await vs.open("notes.py", NOTES);
  await vs.selectLines(7, 9);
  await ask("read JSON");
  const asked = await model.next();
  asked.say(pieces(`\`\`\`\`\n${LOAD_JSON}\n\`\`\`\`\n\n\`\`\`needs\nimport json\n\`\`\`\n`));
  asked.finish();
  await untilReview();
}

async function closeInput(): Promise<void> {
  await vs.press("Escape");
  await vs.input.waitFor({ state: "hidden" });
}

/** Whether some virtual text in the editor has these words. It is in no element's own text. */
async function ghost(words: string): Promise<boolean> {
  const contents = await vs.page
    .locator(".view-lines span")
    .evaluateAll((spans) => spans.map((span) => getComputedStyle(span, "::after").content));
  return contents.some((content) => content.replace(/\u00a0/g, " ").includes(words));
}

scenario("an import that the new code needs is a grey line, and comes with the edit", async () => {
  await offered();
  await rows().filter({ hasText: "Accept with 1 import" }).first().waitFor();
  await closeInput();
  await until("the import is shown", () => ghost("+ import json"));
  await lens("Add import").first().waitFor();
  await vs.code.screenshot("import-offered");
  assert.equal(await vs.text("notes.py"), EDITED, "it is not in the file");
  await lens("Accept with 1 import").first().click();
  await untilNoSession();
  assert.equal(await vs.text("notes.py"), EDITED_WITH_IMPORT);
  await until("the import is no longer grey", async () => !(await ghost("+ import json")));
  await vs.focusEditor();
  await vs.press("Control+z");
  await vs.untilText("notes.py", "one undo takes both back", (text) => text === NOTES);
});

scenario("the row in the input accepts the edit with its import", async () => {
  await offered();
  await rows().filter({ hasText: "Accept with 1 import" }).first().click();
  await untilNoSession();
  assert.equal((await vs.savedBytes("notes.py")).toString(), EDITED_WITH_IMPORT);
});

scenario("the plain Accept leaves the import out, and so does its key", async () => {
  await offered();
  await closeInput();
  await lens(/^\W*Accept\W*$/)
    .first()
    .click();
  await untilNoSession();
  assert.equal((await vs.savedBytes("notes.py")).toString(), EDITED);
  await offered();
  await closeInput();
  await vs.focusEditor();
  await vs.press(keyOf("midstream.accept"));
  await untilNoSession();
  assert.equal((await vs.savedBytes("notes.py")).toString(), EDITED);
});

scenario("an import is visited like a change, added by itself, and taken back", async () => {
  await offered();
  await closeInput();
  await vs.goTo(9);
  const line = async (): Promise<number | undefined> => (await vs.selection())?.[0][0];
  await vs.press(keyOf("midstream.previousHunk"));
  await until("the cursor is at the import's place", async () => (await line()) === 2);
  await run("midstream.acceptHunk");
  const wanted = EDITED_WITH_IMPORT;
  await vs.untilText("notes.py", "the import is added", (text) => text === wanted);
  await vs.focusEditor();
  await vs.press(keyOf("midstream.revert"));
  await untilNoSession();
  assert.equal((await vs.savedBytes("notes.py")).toString(), NOTES);
});

scenario("an import that is dismissed is offered no more", async () => {
  await offered();
  await closeInput();
  await lens("Dismiss import").first().click();
  await until(
    "there is one way to accept",
    async () => (await lens(/Accept with/).count()) === 0 && !(await ghost("+ import json")),
  );
  await lens(/^\W*Accept\W*$/)
    .first()
    .click();
  await untilNoSession();
  assert.equal((await vs.savedBytes("notes.py")).toString(), EDITED);
});

scenario("where the user's setting adds imports, the key takes them along", async () => {
  await changeSettings({ "midstream.imports": "add" });
  await offered();
  await closeInput();
  await lens("Accept with 1 import").first().waitFor();
  assert.equal(await lens(/^\W*Accept\W*$/).count(), 0, "one button is enough");
  await vs.focusEditor();
  await vs.press(keyOf("midstream.accept"));
  await untilNoSession();
  assert.equal((await vs.savedBytes("notes.py")).toString(), EDITED_WITH_IMPORT);
});
