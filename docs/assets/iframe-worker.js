// Search runs in a Worker, which browsers refuse to pages that are opened as files. There, a hidden frame stands in for it.
class FrameWorker extends EventTarget {
  constructor(url) {
    super();
    const frame = document.createElement("iframe");
    frame.hidden = true;
    this.ready = new Promise(resolve => document.addEventListener("DOMContentLoaded", resolve, { once: true }));
    if (document.readyState !== "loading") this.ready = Promise.resolve();
    this.ready = this.ready.then(() => {
      document.body.append(frame);
      this.inside = frame.contentWindow;
      const load = address => new Promise((resolve, reject) => {
        const script = this.inside.document.createElement("script");
        script.src = new URL(address, url);
        script.onload = resolve;
        script.onerror = reject;
        this.inside.document.head.append(script);
      });
      // What the worker calls: scripts come one after the other, and what it posts arrives here.
      this.inside.importScripts = (...all) => all.reduce((before, each) => before.then(() => load(each)), Promise.resolve());
      this.inside.postMessage = data => this.dispatchEvent(new MessageEvent("message", { data }));
      return load(url);
    });
  }

  postMessage(data) {
    this.ready.then(() => this.inside.dispatchEvent(new MessageEvent("message", { data })));
  }

  set onmessage(listener) {
    this.addEventListener("message", listener);
  }
}

if (location.protocol === "file:") window.Worker = FrameWorker;
