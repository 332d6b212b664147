// save.ts <workflow> [--status=completed|failed|abandoned] [--notes=TEXT]: archives the session and deletes it.
import { mkdirSync, unlinkSync } from "node:fs";
import { get } from "./get";

const FOLDER = "ia/state/sessions";

export async function save(workflow: string, status = "completed", notes = "", folder = FOLDER): Promise<string> {
  const state = await get(workflow, folder);
  if (!state) throw new Error(`No session found for ${workflow}`);
  const ended = new Date().toISOString();
  const minutes = Math.round((Date.parse(ended) - Date.parse(state.started_at)) / 60000);
  const context = Object.entries(state.context ?? {}).map(
    ([key, value]) => `- ${key}: ${typeof value === "string" ? value : JSON.stringify(value)}`,
  );
  const steps = state.steps.map(
    (step: string, n: number) => `${n + 1}. ${step} ${n === state.steps.length - 1 ? "(final)" : "✓"}`,
  );
  const markdown = [
    `# ${workflow} - ${ended.slice(0, 10)}`,
    "",
    `**Status:** ${status}`,
    `**Duration:** ${minutes}min`,
    "",
    "## Context",
    ...(context.length ? context : ["- (none)"]),
    "",
    "## Steps",
    ...(steps.length ? steps : ["- (none)"]),
    "",
    "## Final State",
    `- Step: ${state.step}`,
    `- Started: ${state.started_at}`,
    `- Ended: ${ended}`,
    "",
    notes ? `## Notes\n${notes}\n` : "",
  ].join("\n");
  const branch = state.context?.branch ? `-${String(state.context.branch).replace(/[^A-Za-z0-9]+/g, "-")}` : "";
  const path = `${folder}/archives/${ended.slice(0, 10)}-${workflow.replaceAll(":", "-")}${branch}.md`;
  mkdirSync(`${folder}/archives`, { recursive: true });
  await Bun.write(path, markdown);
  unlinkSync(`${folder}/${workflow}.json`);
  return `Archived to ${path}\n${markdown}`;
}

if (import.meta.main) {
  const [workflow, ...flags] = process.argv.slice(2);
  if (!workflow) {
    console.error("Usage: save.ts <workflow:name> [--status=completed|failed|abandoned] [--notes=TEXT]");
    process.exit(1);
  }
  const flag = (name: string) => flags.findLast((f) => f.startsWith(`--${name}=`))?.slice(name.length + 3);
  try {
    console.log(await save(workflow, flag("status"), flag("notes")));
  } catch (error) {
    console.error((error as Error).message);
    process.exit(1);
  }
}
