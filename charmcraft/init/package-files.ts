/** What makes a new charm a package of its own. */

/** A licence that a new charm can have. */
export type Licence = "Apache-2.0" | "MIT" | "none";

/** The licences by their SPDX identifiers; `none`: nobody else may use it. */
export const LICENCES: readonly Licence[] = ["Apache-2.0", "MIT", "none"];

/** What the package is. */
export interface NewPackage {
  readonly name: string;
  readonly licence: Licence;
  /** What npm installs as `charmed-iap`: a version, or where a tarball is. */
  readonly framework: string;
  /** Versions of the tools, by package. */
  readonly tools: Readonly<Record<string, string>>;
  /** Text of the Apache licence. */
  readonly apache: string;
  readonly year: number;
}

/** Name → text of the files around the charm. */
export function packageFiles(wanted: NewPackage): Readonly<Record<string, string>> {
  return {
    "package.json": packageJson(wanted),
    "tsconfig.json": TSCONFIG,
    ".gitignore": "node_modules/\n*.charm\n",
    ...licenceFile(wanted),
  };
}

function packageJson({ name, licence, framework, tools }: NewPackage): string {
  const described = {
    name,
    version: "0.1.0",
    private: true,
    license: licence === "none" ? "UNLICENSED" : licence,
    type: "module",
    scripts: {
      test: "tsc && vitest run",
      check: "iap check",
      emit: "iap emit",
      pack: "iap pack",
    },
    dependencies: { "charmed-iap": framework },
    devDependencies: tools,
  };
  return `${JSON.stringify(described, null, 2)}\n`;
}

const TSCONFIG = `{
  "compilerOptions": {
    "target": "ES2024",
    "lib": ["ES2024", "ESNext.Disposable"],
    "module": "NodeNext",
    "types": ["node"],
    "strict": true,
    "exactOptionalPropertyTypes": true,
    "noUncheckedIndexedAccess": true,
    "verbatimModuleSyntax": true,
    "erasableSyntaxOnly": true,
    "allowImportingTsExtensions": true,
    "skipLibCheck": true,
    "noEmit": true
  },
  "include": ["**/*.ts"]
}
`;

function licenceFile({ licence, apache, year, name }: NewPackage): Readonly<Record<string, string>> {
  if (licence === "Apache-2.0") return { LICENSE: apache };
  return licence === "MIT" ? { LICENSE: mit(year, name) } : {};
}

const mit = (year: number, name: string): string => `MIT License

Copyright (c) ${year} the authors of ${name}

Permission is hereby granted, free of charge, to any person obtaining a copy
of this software and associated documentation files (the "Software"), to deal
in the Software without restriction, including without limitation the rights
to use, copy, modify, merge, publish, distribute, sublicense, and/or sell
copies of the Software, and to permit persons to whom the Software is
furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all
copies or substantial portions of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR
IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY,
FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE
AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER
LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM,
OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE
SOFTWARE.
`;
