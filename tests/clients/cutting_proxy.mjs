// A proxy that resets each connection (RST) after a given number of bytes of a request, at any place in the request.
import {connect, createServer} from "node:net";
import {once} from "node:events";

export async function cuttingProxy(port, cutAfter) {
  const sockets = new Set();
  const proxy = {cuts: 0};
  let number = 0;
  const listener = createServer((client) => {
    const server = connect(port, "127.0.0.1");
    let left = cutAfter(++number);
    for (const socket of [client, server]) {
      sockets.add(socket);
      socket.on("error", () => {});
      socket.on("close", () => { sockets.delete(socket); client.destroy(); server.destroy(); });
    }
    server.pipe(client);
    client.on("data", (bytes) => {
      if (bytes.length < left) {
        left -= bytes.length;
        if (!server.write(bytes)) {
          client.pause();
          server.once("drain", () => client.resume());
        }
        return;
      }
      ++proxy.cuts;
      server.write(bytes.subarray(0, left), () => { server.resetAndDestroy(); client.resetAndDestroy(); });
    });
  });
  listener.listen(0, "127.0.0.1");
  await once(listener, "listening");
  proxy.url = "http://127.0.0.1:" + listener.address().port;
  proxy.close = () => {
    for (const socket of sockets) socket.destroy();
    listener.close();
  };
  return proxy;
}
