// Stands for the Python extension: the part of its API that tells which interpreter the user has chosen,
// in the shape that other extensions get. The choice is a test's, in a file; without one there is none.

const { existsSync, readFileSync } = require("node:fs");
const vscode = require("vscode");

function chosen() {
  const file = process.env.MIDSTREAM_CHOSEN_PYTHON;
  return existsSync(file) ? readFileSync(file, "utf8") : undefined;
}

function getActiveEnvironmentPath(_resource) {
  const path = chosen();
  return path === undefined ? { id: "DEFAULT_PYTHON", path: "python" } : { id: path, path };
}

async function resolveEnvironment(environment) {
  const path = typeof environment === "string" ? environment : environment.path;
  if (path !== chosen()) return undefined;
  return {
    id: path,
    path,
    executable: { uri: vscode.Uri.file(path), bitness: "64-bit", sysPrefix: undefined },
    environment: undefined,
    version: undefined,
    tools: [],
  };
}

function activate() {
  const environments = { known: [], getActiveEnvironmentPath, resolveEnvironment };
  return { ready: Promise.resolve(), environments };
}

module.exports = { activate };
