import { beforeEach, describe, expect, it, vi } from "vitest";

vi.hoisted(() => {
  vi.stubGlobal("navigator", { languages: ["en"] });
  vi.stubGlobal("document", { documentElement: { dataset: {}, lang: "" } });
});
vi.mock("../../api/calls", () => ({ api: { sendMessage: vi.fn() } }));

import { api } from "../../api/calls";
import { ApiProblem, Unreachable } from "../../api/problem";
import { message } from "../../realtime/samples";
import { inbox } from "../../realtime/store";
import { discard, outbox, post, resend, sendAnyway } from "./outbox";

const sendMessage = vi.mocked(api.sendMessage);
const accepted = message({ id: "101", direction: "outbound", text: "Już sprawdzam" });
const text = (words: string) => ({
  dialogId: "1",
  kind: "message" as const,
  text: words,
  attachments: [],
  seenSeq: "10",
  afterId: "100",
});
const settled = () =>
  vi.waitFor(() =>
    expect(outbox.value.every((one) => one.state !== "sending" && one.state !== "queued")).toBe(true),
  );
const keys = () => sendMessage.mock.calls.map(([, , key]) => key);

beforeEach(() => {
  sendMessage.mockReset();
  outbox.value = [];
});

describe("the outbox", () => {
  it("is empty once the server has the message", async () => {
    sendMessage.mockResolvedValue(accepted);
    post(text("Już sprawdzam"));
    await settled();
    expect(outbox.value).toEqual([]);
    expect(inbox.value.messages.get("1")?.has("101")).toBe(true);
  });

  it("keeps a message that got no answer, and sends it again as the same one", async () => {
    sendMessage.mockRejectedValueOnce(new Unreachable("")).mockResolvedValueOnce(accepted);
    post(text("Już sprawdzam"));
    await settled();
    const [waiting] = outbox.value;
    expect(waiting?.state).toBe("waiting");
    if (waiting !== undefined) resend(waiting);
    await settled();
    expect(outbox.value).toEqual([]);
    expect(keys()[0]).toBe(keys()[1]);
  });

  it("sends what was written first, first, and lets nothing overtake it", async () => {
    sendMessage.mockRejectedValueOnce(new Unreachable(""));
    post(text("one"));
    post(text("two"));
    await vi.waitFor(() => expect(outbox.value[0]?.state).toBe("waiting"));
    expect(sendMessage).toHaveBeenCalledTimes(1);
    sendMessage.mockResolvedValue(accepted);
    for (const one of outbox.value.filter((each) => each.state === "waiting")) resend(one);
    await settled();
    expect(sendMessage.mock.calls.map(([, body]) => body.text)).toEqual(["one", "one", "two"]);
  });

  it("shows what was missed, and sends anyway as another request", async () => {
    const missed = message({ id: "102", seq: "12", text: "Jednak nie" });
    const problem = new ApiProblem(409, { type: "urn:centrala:problem:dialog_moved_on", missed: [missed] });
    sendMessage.mockRejectedValueOnce(problem).mockResolvedValueOnce(accepted);
    post(text("Już sprawdzam"));
    await settled();
    const [held] = outbox.value;
    expect(held).toMatchObject({ state: "moved_on", missed: ["102"] });
    expect(inbox.value.messages.get("1")?.get("102")?.text).toBe("Jednak nie");
    if (held !== undefined) sendAnyway(held);
    await settled();
    expect(sendMessage.mock.calls[1]?.[1].seenSeq).toBeUndefined();
    expect(keys()[0]).not.toBe(keys()[1]);
  });

  it("says why the server refused, and goes on with the next", async () => {
    const problem = new ApiProblem(422, { errors: [{ field: "text", message: "The text is too long." }] });
    sendMessage.mockRejectedValueOnce(problem).mockResolvedValueOnce(accepted);
    post(text("long"));
    post(text("short"));
    await settled();
    const [refused] = outbox.value;
    expect(outbox.value).toHaveLength(1);
    expect(refused).toMatchObject({ state: "refused", reason: "The text is too long." });
    if (refused !== undefined) discard(refused.key);
    expect(outbox.value).toEqual([]);
  });
});
