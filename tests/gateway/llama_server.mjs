// The real llama.cpp behind a few lines of HTTP: Chat Completions, streamed, one text only.
//
// node llama_server.mjs MODEL.gguf FILE: whatever is asked, a grammar allows nothing but the text
// of FILE. Prints its port, then one line for each request: how it ended, after how many characters.

import {createServer} from "node:http";
import {readFileSync} from "node:fs";
import {getLlama, LlamaCompletion} from "node-llama-cpp";

const [modelPath, textPath] = process.argv.slice(2);
const text = readFileSync(textPath, "utf8");
const llama = await getLlama({gpu: false, build: "never", logLevel: "error", maxThreads: 1});
const model = await llama.loadModel({modelPath});
const grammar = await llama.createGrammar({grammar: `root ::= ${JSON.stringify(text)}`});

function event(delta, finish, more = {}) {
    const choices = [{index: 0, delta, finish_reason: finish}];
    const chunk = {object: "chat.completion.chunk", model: "tiny.gguf", choices, ...more};
    return `data: ${JSON.stringify(chunk)}\n\n`;
}

async function answer(messages, response, signal) {
    const context = await model.createContext({contextSize: 4096});
    let sent = 0;
    try {
        const completion = new LlamaCompletion({contextSequence: context.getSequence()});
        const prompt = messages.map((message) => message.content).join("\n").slice(-500);
        await completion.generateCompletion(prompt, {
            grammar, signal, temperature: 0, maxTokens: text.length + 1,
            onTextChunk(chunk) {
                sent += chunk.length;
                response.write(event({content: chunk}, null));
            }
        });
        response.write(event({}, "stop"));
        response.end("data: [DONE]\n\n");
        console.log(`finished ${sent}`);
    } catch (error) {
        if (!signal.aborted) throw error;
        console.log(`aborted ${sent}`);
    } finally {
        await context.dispose();
    }
}

const server = createServer((request, response) => {
    if (request.method === "GET") {
        response.setHeader("Content-Type", "application/json");
        response.end(JSON.stringify({data: [{id: "tiny.gguf", owned_by: "llamacpp"}]}));
        return;
    }
    let body = "";
    request.on("data", (data) => { body += data; });
    request.on("end", () => {
        const abort = new AbortController();
        response.on("close", () => abort.abort());
        response.writeHead(200, {"Content-Type": "text/event-stream"});
        answer(JSON.parse(body).messages, response, abort.signal);
    });
});
server.listen(0, "127.0.0.1", () => console.log(server.address().port));
