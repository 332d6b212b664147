// reset.ts <workflow>: deletes the session, without an archive.
import { existsSync, unlinkSync } from "node:fs";

const FOLDER = "ia/state/sessions";

export function reset(workflow: string, folder = FOLDER): string {
  const path = `${folder}/${workflow}.json`;
  if (!existsSync(path)) return `No session found for ${workflow}`;
  unlinkSync(path);
  return `Session ${workflow} reset`;
}

if (import.meta.main) {
  const workflow = process.argv[2];
  if (!workflow) {
    console.error("Usage: reset.ts <workflow:name>");
    process.exit(1);
  }
  console.log(reset(workflow));
}
