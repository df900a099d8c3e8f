// The tests' eyes inside VS Code: runs functions that they send, with `vscode` at hand, and keeps a
// diary of what happened to documents and selections. It presses no keys and knows nothing of Midstream.

const http = require("node:http");
const { writeFileSync } = require("node:fs");
const vscode = require("vscode");

const diary = [];

function activate(context) {
  context.subscriptions.push(
    vscode.workspace.onDidChangeTextDocument((event) => {
      if (event.document.uri.scheme !== "file" || event.contentChanges.length === 0) return;
      diary.push({
        what: "change",
        at: Date.now(),
        file: event.document.uri.fsPath,
        version: event.document.version,
        reason: event.reason ?? 0,
        changes: event.contentChanges.map(({ rangeOffset, rangeLength, text }) => ({
          rangeOffset,
          rangeLength,
          text,
        })),
      });
    }),
    vscode.window.onDidChangeTextEditorSelection((event) => {
      const { start, end } = event.selections[0];
      diary.push({
        what: "selection",
        at: Date.now(),
        file: event.textEditor.document.uri.fsPath,
        kind: event.kind ?? 0,
        range: [start.line, start.character, end.line, end.character],
      });
    }),
  );
  const server = http.createServer((request, response) => {
    let body = "";
    request.on("data", (chunk) => (body += chunk));
    request.on("end", () => void answer(body, response));
  });
  // A test may be busy with something else for a while; its next question must not meet a closed socket.
  server.keepAliveTimeout = 0;
  server.listen(0, "127.0.0.1", () => {
    writeFileSync(process.env.MIDSTREAM_PROBE, String(server.address().port));
  });
  context.subscriptions.push({ dispose: () => server.close() });
}

async function answer(body, response) {
  let reply;
  try {
    const { code, words } = JSON.parse(body);
    const run = new Function(
      "vscode",
      "diary",
      "words",
      `return (${code})(vscode, diary, ...words)`,
    );
    reply = { value: (await run(vscode, diary, words)) ?? null };
  } catch (error) {
    reply = { error: String(error?.stack ?? error) };
  }
  response.end(JSON.stringify(reply));
}

module.exports = { activate };
