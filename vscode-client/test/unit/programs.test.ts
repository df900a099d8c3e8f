/** A hostile repository, with real files, links and processes: which program is run, and which never is. */

import assert from "node:assert/strict";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { type Ground, Programs } from "../../src/programs.js";
import { findPython, NoServerError, programsNamed } from "../../src/python.js";

const BUNDLED = ["libs", "libs-cp312"];
const NAMES = ["python3", "python", "python3.11", "python3.12", "python3.13", "python3.14"];

class Place {
  readonly root = realpathSync(mkdtempSync(join(tmpdir(), "midstream-")));
  readonly workspace = this.folder("workspace");
  readonly outside = this.folder("outside");
  readonly cwd = this.folder("storage");
  private readonly diary = join(this.root, "ran");

  folder(name: string): string {
    const path = join(this.root, name);
    mkdirSync(path, { recursive: true });
    return path;
  }

  /** A program that takes down that it was run, where and with which PATH; it says that it is `executable`. */
  python(path: string, executable = path, version = "3, 12"): string {
    mkdirSync(dirname(path), { recursive: true });
    const lines = [
      "#!/bin/sh",
      `echo "$0 $(pwd) $PATH" >> '${this.diary}'`,
      `echo '["${executable}", ${version}]'`,
    ];
    writeFileSync(path, `${lines.join("\n")}\n`);
    chmodSync(path, 0o755);
    return path;
  }

  link(name: string, target: string): string {
    const path = join(this.root, name);
    mkdirSync(dirname(path), { recursive: true });
    symlinkSync(target, path);
    return path;
  }

  /** What was run, each with its folder and its PATH. */
  get ran(): string[][] {
    if (!existsSync(this.diary)) return [];
    const lines = readFileSync(this.diary, "utf8").trim().split("\n");
    return lines.map((line) => line.split(" "));
  }

  programs(path: readonly string[], more: Partial<Ground> = {}): Programs {
    return new Programs({
      env: { PATH: path.join(":") },
      folders: [this.workspace],
      trusted: false,
      cwd: this.cwd,
      ...more,
    });
  }
}

/** In a place of its own, with the workspace as the working directory, where relative paths hit. */
function attack(name: string, body: (place: Place) => Promise<void>): void {
  void test(name, async () => {
    const place = new Place();
    const before = process.cwd();
    process.chdir(place.workspace);
    try {
      await body(place);
    } finally {
      process.chdir(before);
      rmSync(place.root, { recursive: true });
    }
  });
}

const find = (programs: Programs, setting = "", selected?: string): Promise<string> =>
  findPython({ setting, selected, bundled: BUNDLED }, programs).then((found) => found.executable);

const fails = async (work: Promise<unknown>, sentence: RegExp): Promise<void> =>
  assert.rejects(work, (error) => error instanceof NoServerError && sentence.test(error.message));

for (const trusted of [false, true]) {
  attack(
    `a relative folder of the PATH is never looked into (trusted: ${String(trusted)})`,
    async (place) => {
      for (const folder of [".", "bin", "a/../bin", ".venv/bin"])
        for (const name of NAMES) place.python(join(place.workspace, folder, name));
      const good = place.python(join(place.outside, "python3"));
      const relative = [".", "", "bin", "./bin", "a/../bin", "../workspace", ".venv/bin", "~"];
      const programs = place.programs([...relative, place.outside, ""], { trusted });
      assert.equal(await find(programs), good);
      assert.deepEqual(place.ran, [[good, place.cwd, place.outside]]);
      assert.equal((await programs.environment())["PATH"], place.outside);
      await fails(
        find(place.programs(relative, { trusted })),
        trusted ? /none was found.*Python Path\.$/ : /none was found.*trust it\.$/,
      );
      assert.equal(place.ran.length, 1);
    },
  );
}

attack("what lies in the workspace is run only when that is trusted", async (place) => {
  const own = place.python(join(place.workspace, ".venv/bin/python3"));
  const good = place.python(join(place.outside, "python3"));
  const path = [dirname(own), place.outside];
  assert.equal(await find(place.programs(path)), good);
  assert.deepEqual(
    place.ran.map(([program]) => program),
    [good],
  );
  assert.equal(await find(place.programs(path, { trusted: true })), own);
  assert.equal(await find(place.programs(path, { folders: [] })), own);
});

attack("a link is judged with all that it passes", async (place) => {
  const good = place.python(join(place.outside, "python3"));
  const own = place.python(join(place.workspace, "bin/python3"));
  // From outside into the workspace: a folder, a program, a chain, a relative target.
  const ways = [
    place.link("ways/folder", dirname(own)),
    dirname(place.link("ways/program/python3", own)),
    dirname(place.link("ways/relative/python3", "../../workspace/bin/python3")),
    dirname(place.link("ways/chain/python3", place.link("ways/there", own))),
    // Out of the workspace again: the link in it is still the repository's.
    dirname(place.link("workspace/back/python3", good)),
    dirname(place.link("ways/through/python3", join(place.workspace, "back/python3"))),
    place.link("ways/passing", place.link("workspace/out", place.outside)),
    `${place.outside}/../workspace/bin`,
    `${place.link("ways/up", place.folder("workspace/deep"))}/../bin`,
  ];
  assert.equal(await find(place.programs([...ways, place.outside])), good);
  assert.deepEqual(
    place.ran.map(([program]) => program),
    [good],
  );
  for (const way of ways) await fails(find(place.programs([way])), /none was found/);
  const folders = ways.filter((way) => /folder|passing|back|\.\.|up/.test(way));
  assert.equal(folders.length, 5);
  const handed = await place.programs([...folders, place.outside]).environment();
  assert.equal(handed["PATH"], place.outside);
  const endless = place.link("ways/endless/python3", join(place.root, "ways/endless/python3"));
  await fails(find(place.programs([dirname(endless)])), /none was found/);
});

attack("a workspace that is opened by a link is the same one", async (place) => {
  const own = place.python(join(place.workspace, "bin/python3"));
  const folders = [place.link("opened", place.workspace)];
  await fails(find(place.programs([dirname(own)], { folders })), /none was found/);
  await fails(find(place.programs([join(place.root, "opened/bin")], { folders })), /none was/);
  assert.deepEqual(place.ran, []);
});

attack("every folder of the workspace counts, and no folder beside it", async (place) => {
  const second = place.folder("second");
  const own = place.python(join(second, "python3"));
  const beside = place.python(join(place.folder("workspace-two"), "python3"));
  const folders = [place.workspace, second];
  assert.equal(await find(place.programs([second, dirname(beside)], { folders })), beside);
  assert.ok(place.ran.every(([program]) => program !== own));
});

attack("what a program says of itself is judged like the program", async (place) => {
  const own = place.python(join(place.workspace, "bin/python3"));
  for (const executable of [own, "python3", "./bin/python3", "bin/python3", ""]) {
    place.python(join(place.outside, "python3"), executable);
    await fails(find(place.programs([place.outside])), /none was found/);
  }
  const real = place.python(join(place.root, "real/python3.12"));
  place.python(join(place.outside, "python3"), real);
  assert.equal(await find(place.programs([place.outside])), real);
});

attack("all programs of a name are asked, and no endless number", async (place) => {
  const old = place.python(join(place.folder("old"), "python3"), undefined, "3, 9");
  const good = place.python(join(place.outside, "python3"));
  writeFileSync(join(place.folder("no-program"), "python3"), "#!/bin/sh\n");
  mkdirSync(join(place.folder("no-file"), "python3"));
  const path = [join(place.root, "no-program"), join(place.root, "no-file"), dirname(old)];
  assert.equal(await find(place.programs([...path, place.outside])), good);
  const many = Array.from({ length: 40 }, (_, n) =>
    dirname(place.python(join(place.folder(`many/${String(n)}`), "python3"), undefined, "2, 7")),
  );
  const before = place.ran.length;
  await fails(find(place.programs(many)), /only 2\.7 was found/);
  assert.ok(place.ran.length - before <= 12);
});

attack("the setting names a whole path or a name on the PATH", async (place) => {
  const own = place.python(join(place.workspace, "bin/python3"));
  const good = place.python(join(place.outside, "special"));
  const programs = place.programs([".", "bin", place.outside]);
  for (const relative of [
    "bin/python3",
    "./bin/python3",
    "../workspace/bin/python3",
    "~/python3",
  ]) {
    await fails(find(programs, relative), /Python Path names .*relative path/);
    await fails(
      programsNamed("Midstream: Server Command", relative, programs),
      /Server Command names .*relative/,
    );
  }
  await fails(find(programs, own), /is in this workspace.*trust/);
  await fails(find(programs, "python3"), /The Python at python3 .*can't run the server/);
  await fails(find(programs, ".."), /relative path/);
  assert.deepEqual(place.ran, []);
  assert.equal(await find(programs, "special"), good);
  assert.equal(await find(programs, good), good);
  assert.deepEqual(await programsNamed("Midstream: Server Command", "special", programs), [good]);
  assert.deepEqual(await programsNamed("Midstream: Server Command", "python3", programs), []);
  assert.equal(await find(place.programs([], { trusted: true }), own), own);
});

attack("the interpreter that is selected elsewhere goes before the PATH", async (place) => {
  const good = place.python(join(place.outside, "python3"));
  const own = place.python(join(place.workspace, ".venv/bin/python3"));
  const trusted = place.programs([place.outside], { trusted: true });
  assert.equal(await find(trusted, "", own), own);
  assert.equal(await find(place.programs([place.outside]), "", own), good);
  assert.equal(await find(trusted, "", ".venv/bin/python3"), good);
});

attack("the environment keeps the rest as it is", async (place) => {
  const env = { PATH: `/usr/bin:.:${place.workspace}:/nowhere/yet`, KEY: "1", EMPTY: "" };
  const programs = new Programs({ ...place.programs([]).ground, env });
  assert.deepEqual(await programs.environment(), { ...env, PATH: "/usr/bin:/nowhere/yet" });
});
