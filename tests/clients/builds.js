// What the build of a front end does before anything runs: the tools that turn documents into code and manifests.

import { execFileSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { resolve } from "node:path";

import { transformSync } from "@babel/core";

/** Standard output of a program; an error that holds all that it said. */
export function run(program, options = [], cwd = ".") {
  try {
    return execFileSync(resolve("node_modules/.bin", program), options, { cwd, encoding: "utf8", stdio: "pipe" });
  } catch (error) {
    throw new Error(error.stdout + error.stderr);
  }
}

/** What relay/documents.js holds once compiler and Babel plugin have been over it; `told` is what the compiler said. */
export function buildRelay() {
  const manifest = "relay/__generated__/documents.json"; // the compiler wants them to be there
  mkdirSync("relay/__generated__", { recursive: true });
  if (!existsSync(manifest)) writeFileSync(manifest, "{}");
  const told = run("relay-compiler");
  const filename = "relay/__generated__/documents.js";
  const { code } = transformSync(readFileSync("relay/documents.js", "utf8"), { plugins: ["relay"], filename });
  writeFileSync(filename, code);
  return { documents: createRequire(import.meta.url)(`./${filename}`), manifest, told };
}

export function buildTypes() {
  copyFileSync("../../schema/schema.graphql", "codegen/schema.graphql"); // what `goalarc schema` prints
  run("graphql-codegen", [], "codegen");
  return { manifest: "codegen/src/__generated__/persisted-documents.json" };
}

export function buildApollo() {
  mkdirSync("apollo/__generated__", { recursive: true });
  run("generate-persisted-query-manifest", ["--config", "apollo/persisted-query-manifest.config.json"]);
  return { manifest: "apollo/__generated__/manifest.json" };
}
