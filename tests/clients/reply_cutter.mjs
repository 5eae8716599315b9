// A proxy that cuts each connection after a given number of bytes of its answers, at any place in an event: by turns as a network
// does that is gone (RST, which also loses bytes on their way) and as a proxy does that stops (FIN).
import {connect, createServer} from "node:net";
import {once} from "node:events";

export async function replyCutter(port, cutAfter) {
  const sockets = new Set();
  const proxy = {cuts: 0, connections: 0, open: true};
  const listener = createServer((client) => {
    if (!proxy.open) return client.resetAndDestroy();
    ++proxy.connections;
    const server = connect(port, "127.0.0.1");
    let left = cutAfter();
    for (const socket of [client, server]) {
      sockets.add(socket);
      socket.on("error", () => {});
      socket.on("close", () => { sockets.delete(socket); client.destroy(); server.destroy(); });
    }
    client.pipe(server);
    server.on("data", (bytes) => {
      if (bytes.length < left) {
        left -= bytes.length;
        client.write(bytes);
        return;
      }
      ++proxy.cuts;
      server.pause();
      client.write(bytes.subarray(0, left), () => proxy.cuts % 2 === 0 ? client.resetAndDestroy() : client.destroy());
    });
  });
  listener.listen(0, "127.0.0.1");
  await once(listener, "listening");
  proxy.url = "http://127.0.0.1:" + listener.address().port;
  proxy.cutAll = () => { for (const socket of sockets) socket.resetAndDestroy(); };
  proxy.close = () => {
    proxy.cutAll();
    listener.close();
  };
  return proxy;
}
