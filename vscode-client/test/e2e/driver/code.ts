/**
 * One real VS Code for a whole run of tests: code-server with the packed extension installed, and
 * Chromium showing it. Starts both, tells where their logs are, ends both by process id.
 *
 * Everything that they write is in one run folder, which is new each time: settings, extensions, the
 * workspace, screenshots, logs. Nothing of the user's own configuration is read.
 */

import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import {
  createWriteStream,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { delimiter, join } from "node:path";

import { type BrowserContext, chromium, type Page } from "playwright-core";

import { Probe } from "./probe.js";

/** Milliseconds after which a wait is a failed test. Never a measure of anything. */
export const PATIENCE = Number(process.env.MIDSTREAM_PATIENCE ?? 60_000);

const CHROMIUMS = ["chromium", "chromium-browser", "google-chrome"];
const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--disable-dev-shm-usage",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];
const SIZE = { width: 1280, height: 800 };

/** What every run is set to, so that nothing but Midstream moves on the screen. */
const QUIET_SETTINGS = {
  "telemetry.telemetryLevel": "off",
  "update.mode": "none",
  "extensions.autoCheckUpdates": false,
  "extensions.ignoreRecommendations": true,
  "security.workspace.trust.enabled": false,
  "workbench.startupEditor": "none",
  "workbench.tips.enabled": false,
  "workbench.editor.enablePreview": false,
  "editor.accessibilitySupport": "off",
  "editor.minimap.enabled": false,
  "editor.quickSuggestions": { other: "off", comments: "off", strings: "off" },
  "editor.suggestOnTriggerCharacters": false,
  "editor.autoClosingBrackets": "never",
  "editor.autoClosingQuotes": "never",
  "editor.autoIndent": "none",
  "files.hotExit": "off",
  "files.autoSave": "off",
  "git.enabled": false,
};

/** The one folder of a run folder that outlives a start. */
const KEPT = "screenshots";

/** Modules that are left out here on purpose, and are missed at each start. */
const NOISE =
  /spdlog|vsda|node:internal|server-main\.js|bindings|data\/logs|ENOENT|scandir|tries: \[|^\s*[\]}]?,?$/;

export interface Wishes {
  /** The repository. */
  root: string;
  /** The run folder; what was in it goes, but for the screenshots. */
  run: string;
  /** The packed extension to install; none for VS Code as it comes. */
  vsix?: string;
  /** Machine settings, beside those that keep the screen quiet. */
  settings?: Record<string, unknown>;
  /** More of the environment, for the server and the extension host. */
  env?: Record<string, string>;
}

export class Code {
  private constructor(
    readonly wishes: Wishes,
    readonly url: string,
    readonly workspace: string,
    readonly page: Page,
    readonly probe: Probe,
    private readonly server: ChildProcess,
    private readonly browser: BrowserContext,
  ) {}

  static async start(wishes: Wishes): Promise<Code> {
    const { root, run } = wishes;
    for (const name of existsSync(run) ? readdirSync(run) : []) {
      if (name === KEPT) continue;
      // A browser of the start before may still be writing its last.
      rmSync(join(run, name), { recursive: true, force: true, maxRetries: 20, retryDelay: 250 });
    }
    const folder = (name: string): string => {
      const path = join(run, name);
      mkdirSync(path, { recursive: true });
      return path;
    };
    const [workspace, data, home] = [folder("workspace"), folder("data"), folder("home")];
    // Whatever lies in `build` is ignored here and so never sent; this is a repository of its own.
    for (const name of ["objects", "refs"]) folder(join("workspace", ".git", name));
    writeFileSync(join(workspace, ".git", "HEAD"), "ref: refs/heads/main\n");
    const extensions = folder("extensions");
    writeSettings(run, wishes.settings ?? {});
    writeUserSettings(run, {});
    const entry = join(root, "build/vscode/editor/node_modules/code-server/out/node/entry.js");
    const where = [
      "--user-data-dir",
      data,
      "--extensions-dir",
      extensions,
      "--config",
      join(home, "none.yaml"),
    ];
    const environment = {
      ...process.env,
      ...wishes.env,
      HOME: home,
      XDG_CONFIG_HOME: join(home, "config"),
      XDG_DATA_HOME: join(home, "share"),
      MIDSTREAM_PROBE: join(run, "probe-port"),
      MIDSTREAM_CHOSEN_PYTHON: join(run, "chosen-python"),
    };
    writeFileSync(join(home, "none.yaml"), "");
    // First the folder, then the installation: it notes down what is there, and what is not noted goes.
    for (const [from, name] of [
      ["probe", "midstream-tests.probe-0.0.1"],
      ["python", "ms-python.python-0.0.1"],
    ] as const) {
      const source = join(root, "vscode-client/test/e2e", from);
      cpSync(source, join(extensions, name), { recursive: true });
    }
    if (wishes.vsix !== undefined) {
      execFileSync(process.execPath, [entry, ...where, "--install-extension", wishes.vsix], {
        env: environment,
        stdio: ["ignore", "pipe", "pipe"],
      });
    }
    const words = [
      "--bind-addr",
      "127.0.0.1:0",
      "--auth",
      "none",
      "--disable-telemetry",
      "--disable-update-check",
    ];
    const server = spawn(process.execPath, [entry, ...words, ...where], {
      cwd: home,
      env: environment,
      detached: true,
      stdio: ["ignore", "pipe", "pipe"],
    });
    // However this process ends, that one does too.
    process.once("exit", () => end(server));
    for (const signal of ["SIGINT", "SIGTERM"] as const)
      process.once(signal, () => process.exit(1));
    const log = createWriteStream(join(run, "code-server.log"));
    server.stdout.pipe(log, { end: false });
    server.stderr.pipe(log, { end: false });
    try {
      const url = await listening(server);
      const browser = await chromium.launchPersistentContext(folder("chromium"), {
        executablePath: browserProgram(),
        headless: true,
        args: FLAGS,
        viewport: SIZE,
        env: environment,
      });
      const page = browser.pages()[0] ?? (await browser.newPage());
      page.setDefaultTimeout(PATIENCE);
      return new Code(
        wishes,
        url,
        workspace,
        page,
        new Probe(join(run, "probe-port")),
        server,
        browser,
      );
    } catch (error) {
      end(server);
      throw error;
    }
  }

  /** Shows the workspace and waits for the extension host to answer. */
  async open(query = ""): Promise<void> {
    rmSync(this.probe.portFile, { force: true });
    await this.page.goto(`${this.url}/?folder=${encodeURIComponent(this.workspace)}${query}`);
    await this.page.locator(".monaco-workbench .part.statusbar").waitFor();
    await this.probe.ready();
  }

  async screenshot(name: string): Promise<string> {
    const path = join(this.wishes.run, KEPT, `${name}.png`);
    await this.page.screenshot({ path });
    return path;
  }

  /** The last lines of every log, for somebody who has to find out what went wrong. */
  logTail(lines = 25): string {
    const own = this.probe.logFiles(join(this.wishes.run, "data", "logs"));
    const worth = (path: string): string[] =>
      readFileSync(path, "utf8")
        .trimEnd()
        .split("\n")
        .filter((line) => !NOISE.test(line));
    return [join(this.wishes.run, "code-server.log"), ...own]
      .filter((path) => existsSync(path))
      .map((path) => `--- ${path}\n${worth(path).slice(-lines).join("\n")}`)
      .join("\n");
  }

  async stop(): Promise<void> {
    await this.browser.close();
    const ended = new Promise((resolve) => this.server.once("exit", resolve));
    end(this.server);
    if (this.server.exitCode === null) await ended;
  }
}

/** The settings of the machine on which the extension runs; VS Code reads them again by itself. */
export function writeSettings(run: string, settings: Record<string, unknown>): void {
  write(run, "Machine", settings);
}

/** The settings of who sits before the screen, where machine settings do not count. */
export function writeUserSettings(run: string, settings: Record<string, unknown>): void {
  write(run, "User", { ...QUIET_SETTINGS, ...settings });
}

function write(run: string, kind: string, settings: Record<string, unknown>): void {
  mkdirSync(join(run, "data", kind), { recursive: true });
  writeFileSync(join(run, "data", kind, "settings.json"), JSON.stringify(settings, null, 2));
}

/** The browser, or null where there is none. */
export function findBrowser(): string | null {
  const folders = (process.env.PATH ?? "").split(delimiter).filter((folder) => folder !== "");
  for (const name of CHROMIUMS) {
    for (const folder of folders) {
      if (existsSync(join(folder, name))) return join(folder, name);
    }
  }
  return null;
}

function browserProgram(): string {
  const found = findBrowser();
  if (found === null)
    throw new Error(`No browser on the PATH; looked for ${CHROMIUMS.join(", ")}.`);
  return found;
}

function listening(server: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let said = "";
    const timer = setTimeout(
      () => reject(new Error(`code-server does not listen:\n${said}`)),
      PATIENCE,
    );
    server.stdout?.on("data", (chunk: Buffer) => {
      said += chunk.toString();
      const found = /listening on (http:\/\/[\d.]+:\d+)/.exec(said)?.[1];
      if (found !== undefined) {
        clearTimeout(timer);
        resolve(found);
      }
    });
    server.once("exit", (code) => {
      clearTimeout(timer);
      reject(new Error(`code-server ended with ${code}:\n${said}`));
    });
  });
}

/** The server is the leader of a process group of its own; the extension host and ours are in it. */
function end(server: ChildProcess): void {
  if (server.pid === undefined) return;
  try {
    process.kill(-server.pid, "SIGTERM");
  } catch {
    // It has ended by itself.
  }
}
