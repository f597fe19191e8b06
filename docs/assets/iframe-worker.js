// Search runs in a Worker, which browsers refuse to pages that are opened as files: there a hidden frame stands in for it.
class FrameWorker extends EventTarget {
  constructor(url) {
    super();
    const base = new URL(url, location.href);
    const frame = document.createElement("iframe");
    frame.hidden = true;
    const loading = document.readyState === "loading";
    const page = new Promise(done => loading ? document.addEventListener("DOMContentLoaded", done) : done());
    this.ready = page.then(() => {
      document.body.append(frame);
      this.inside = frame.contentWindow;
      const load = address => new Promise((resolve, reject) => {
        const script = this.inside.document.createElement("script");
        script.src = new URL(address, base);
        script.onload = resolve;
        script.onerror = reject;
        this.inside.document.head.append(script);
      });
      // What the worker calls: scripts come one after the other, and what it posts arrives here.
      this.inside.importScripts = (...all) => all.reduce((before, each) => before.then(() => load(each)), Promise.resolve());
      this.inside.postMessage = data => this.dispatchEvent(new MessageEvent("message", { data }));
      return load(base);
    });
  }

  postMessage(data) {
    this.ready.then(() => this.inside.dispatchEvent(new MessageEvent("message", { data })));
  }
}

if (location.protocol === "file:") window.Worker = FrameWorker;
