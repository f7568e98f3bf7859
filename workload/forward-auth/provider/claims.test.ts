import fc from "fast-check";
import { expect, test } from "vitest";
import { claim, claimText, groupsOf, readIdentity } from "./claims.ts";
import { goJson, hasDuplicateKeys, readObject, withoutNumbers } from "./json.ts";

const read = (text: string) => readObject(text) ?? {};
const names = { email: "email", groups: "groups", additional: [], allowUnverified: false };

/** Reads an identity, and tells whether the userinfo endpoint was asked. */
async function identity(token: object, info: object | undefined, more: Partial<typeof names> = {}) {
  let asked = 0;
  const userinfo = async () => {
    asked++;
    return read(JSON.stringify(info));
  };
  const sources = { token: read(JSON.stringify(token)), userinfo: info === undefined ? undefined : userinfo };
  return { ...(await readIdentity("iss", sources, { ...names, ...more })), asked };
}

const whole = { sub: "ada", email: "a@b.c", email_verified: true, groups: ["x"], preferred_username: "ada" };

test("a claim by its name, else along a path; null is no claim", () => {
  const claims = read('{"a.b":"literal","a":{"b":"nested","c":{"d":1}},"n":null,"__proto__":{"x":1}}');
  expect(claim(claims, "a.b")).toBe("literal");
  expect(claimText(claim(claims, "a.c.d"))).toBe("1");
  for (const name of ["a.x", "n", "n.x", "toString", "constructor.name", "a.c.d.e", "x", ""])
    expect(claim(claims, name), name).toBeUndefined();
});

test("the userinfo endpoint is asked once, and only for what is missing", async () => {
  expect((await identity(whole, { sub: "ada" })).asked).toBe(0);
  for (const name of Object.keys(whole)) {
    const { [name as keyof typeof whole]: _, ...rest } = whole;
    const found = await identity(rest, { groups: ["info"], email: "info@b.c", sub: "info" });
    expect(found.asked, name).toBe(1);
  }
  expect(await identity({ sub: "ada" }, { email: "i@b.c", groups: "g" })).toMatchObject({
    email: "i@b.c",
    groups: ["g"],
    asked: 1,
  });
  expect(await identity({ ...whole, email: "" }, { email: "info@b.c" })).toMatchObject({
    email: "",
    asked: 0,
  });
  expect((await identity({ sub: "ada" }, undefined)).email).toBe("");
});

test("values of unexpected kinds are read as oauth2-proxy reads them", async () => {
  const odd = {
    ...whole,
    groups: [{ a: 1 }, 5, true, null, "x"],
    email: ["a@b.c", "d@e.f"],
    preferred_username: 12,
  };
  expect(await identity(odd, undefined)).toMatchObject({
    groups: ['{"a":1}', "5", "true", "", "x"],
    email: '["a@b.c","d@e.f"]',
    preferredUsername: "12",
  });
  expect(groupsOf(read('{"g":7}')["g"])).toEqual(["7"]);
  expect(groupsOf(Array.from({ length: 6000 }, String))).toHaveLength(5000);
});

test("an address that is not verified is refused where it is the claim email", async () => {
  const unverified = { ...whole, email_verified: false, upn: "a@corp" };
  await expect(identity(unverified, undefined)).rejects.toMatchObject({
    fault: "person",
    reason: "email-not-verified",
  });
  await expect(identity({ ...whole, email_verified: "false" }, undefined)).rejects.toThrow();
  expect(await identity(unverified, undefined, { allowUnverified: true })).toMatchObject({ email: "a@b.c" });
  expect(await identity(unverified, undefined, { email: "upn" })).toMatchObject({ email: "a@corp" });
});

test("additional claims keep the text of numbers, at any depth", async () => {
  const token = read(
    '{"sub":"a","email":"a@b.c","email_verified":true,"groups":[],"preferred_username":"a","num":12345678901234567000,"list":["a",3],"obj":{"k":[1,{"z":null}]},"flag":true}',
  );
  const additional = ["num", "list", "obj", "flag", "missing"];
  const found = await readIdentity("iss", { token, userinfo: undefined }, { ...names, additional });
  expect(JSON.stringify(Array.from(found.additionalClaims))).toBe(
    '[["num","12345678901234567000"],["list",["a","3"]],["obj",{"k":["1",{"z":null}]}],["flag",true]]',
  );
});

test("JSON is written as Go writes it", () => {
  expect(goJson(read('{"b":"<&>","a":[1.50,1e3,null,"\u2028"]}'))).toBe(
    '{"a":[1.50,1e3,null,"\\u2028"],"b":"\\u003c\\u0026\\u003e"}',
  );
});

test("reading never throws, never changes prototypes, and finds keys that come twice", () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      const object = readObject(text);
      expect(object === undefined || typeof object === "object").toBe(true);
    }),
  );
  fc.assert(
    fc.property(fc.json(), (text) => {
      const object = readObject(`{"v":${text}}`);
      if (object === undefined) return;
      expect(JSON.parse(goJson(object))).toEqual(JSON.parse(`{"v":${text}}`));
      expect(hasDuplicateKeys(JSON.stringify(JSON.parse(`{"v":${text}}`)))).toBe(false);
      withoutNumbers(object);
    }),
  );
  fc.assert(
    fc.property(fc.string(), fc.json(), fc.json(), (key, one, other) => {
      expect(hasDuplicateKeys(`{${JSON.stringify(key)}:${one},${JSON.stringify(key)} : ${other}}`)).toBe(
        true,
      );
    }),
  );
  readObject('{"__proto__":{"polluted":true}}');
  expect("polluted" in {}).toBe(false);
});
