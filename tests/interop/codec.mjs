// Print how Bun or Node reads and writes JSON and UTF-8: one answer for each line of stdin.
//   pretty BASE64    `+BASE64` of JSON.stringify(JSON.parse(text), null, 2); `-` if the text is not JSON;
//                    `~` if the text is nested too deeply for the engine's stack
//   compact BASE64   `+BASE64` of JSON.stringify(JSON.parse(text)); `-` and `~` as for `pretty`
//   utf8 BASE64      `+BASE64` of the text that TextDecoder returns for the bytes
import { readFileSync } from "node:fs";

const exact = new TextDecoder("utf-8", { ignoreBOM: true });
const base64 = (text) => "+" + Buffer.from(text, "utf8").toString("base64");

function answer(line) {
  const [kind, encoded = ""] = line.split(" ");
  const text = exact.decode(Buffer.from(encoded, "base64"));
  if (kind === "utf8") return base64(text);
  try {
    return base64(JSON.stringify(JSON.parse(text), null, kind === "pretty" ? 2 : 0));
  } catch (error) {
    return error instanceof SyntaxError ? "-" : "~";
  }
}

const lines = readFileSync(0, "latin1").split("\n");
lines.pop();
process.stdout.write(lines.map((line) => answer(line) + "\n").join(""));
