import assert from "node:assert/strict";
import { test } from "node:test";
import {
  fileNames,
  isAbsolute,
  isName,
  isWithin,
  pathEntries,
  withPath,
} from "../../src/core/places.js";

void test("absolute is what no working directory has a say in, the drive included", () => {
  for (const path of ["/", "/usr/bin", "//x"]) assert.ok(isAbsolute(path, "linux"), path);
  for (const path of ["", ".", "bin", "./bin", "~/bin", "C:\\Python"])
    assert.ok(!isAbsolute(path, "linux"), path);
  for (const path of ["C:\\Python", "c:/Python", "\\\\server\\share", "\\\\?\\C:\\Python"])
    assert.ok(isAbsolute(path, "win32"), path);
  for (const path of ["", ".", "bin", "C:", "C:bin", "\\bin", "/bin", "~\\bin", "%USERPROFILE%"])
    assert.ok(!isAbsolute(path, "win32"), path);
});

void test("a name has no folder in it", () => {
  for (const name of ["python3", "midstream", "py.exe"])
    for (const platform of ["linux", "win32"]) assert.ok(isName(name, platform), name);
  for (const path of ["", ".", "..", "./python3", "bin/python3", "~/python3", "/usr/bin/python3"])
    for (const platform of ["linux", "win32"]) assert.ok(!isName(path, platform), path);
  for (const path of ["bin\\python", "C:python", "file.txt:python"])
    assert.ok(!isName(path, "win32"), path);
});

void test("of a PATH only what is absolute counts", () => {
  const posix = { PATH: ".:/usr/bin::bin:/opt/a b/bin:../x:~/bin:" };
  assert.deepEqual(pathEntries(posix, "linux"), ["/usr/bin", "/opt/a b/bin"]);
  const windows = { Path: '.;C:\\Windows;;bin;"D:\\My Tools";C:tools;\\tools', path: "C:\\other" };
  assert.deepEqual(pathEntries(windows, "win32"), ["C:\\Windows", "D:\\My Tools"]);
  assert.deepEqual(pathEntries({}, "linux"), []);
  assert.deepEqual(pathEntries({ PATH: undefined }, "win32"), []);
});

void test("the PATH that is handed on is the only one", () => {
  const env = { A: "1", PATH: ".:/usr/bin" };
  assert.deepEqual(withPath(env, ["/usr/bin", "/bin"], "linux"), { A: "1", PATH: "/usr/bin:/bin" });
  assert.deepEqual(withPath({ Path: ".", PATH: "x", A: "1" }, ["C:\\a", "C:\\b"], "win32"), {
    A: "1",
    Path: "C:\\a;C:\\b",
  });
  assert.deepEqual(withPath({}, [], "win32"), { PATH: "" });
});

void test("on Windows a name means the programs that it starts without a shell", () => {
  const env = { PATHEXT: ".COM;.EXE;.BAT;.CMD;.VBS;.JS" };
  assert.deepEqual(fileNames("python", env, "win32"), ["python.com", "python.exe"]);
  assert.deepEqual(fileNames("python.exe", env, "win32"), ["python.exe"]);
  assert.deepEqual(fileNames("python3.12", env, "win32"), ["python3.12.com", "python3.12.exe"]);
  assert.deepEqual(fileNames("python", {}, "win32"), ["python.exe", "python.com"]);
  assert.deepEqual(fileNames("python3", env, "linux"), ["python3"]);
});

void test("what lies in a folder is told by whole names", () => {
  assert.ok(isWithin("/w/project", "/w/project", "linux"));
  assert.ok(isWithin("/w/project/.venv/bin", "/w/project/", "linux"));
  assert.ok(isWithin("/anything", "/", "linux"));
  assert.ok(!isWithin("/w/project-two/bin", "/w/project", "linux"));
  assert.ok(!isWithin("/w", "/w/project", "linux"));
  assert.ok(!isWithin("/W/Project", "/w/project", "linux"));
  assert.ok(isWithin("/W/Project/bin", "/w/project", "darwin"));
  assert.ok(isWithin("/w/u\u0308ber/bin", "/w/\u00fcber", "darwin"));
  assert.ok(isWithin("c:/Work\\x\\python.exe", "C:\\work\\X", "win32"));
  assert.ok(isWithin("\\\\?\\C:\\work\\x", "c:\\work", "win32"));
  assert.ok(!isWithin("C:\\workshop", "C:\\work", "win32"));
});
