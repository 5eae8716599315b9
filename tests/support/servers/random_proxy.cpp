#include "random_proxy.h"

#include <stdexcept>
#include <unistd.h>

namespace sheafline::test {

namespace {

constexpr const char* kNginx = "/usr/sbin/nginx";

// A request without an answer is not sent to another server: a client must see what happens to it.
// Streams and uploads pass without a buffer, as docs/nginx.conf says.
constexpr const char* kHttp = R"(
  access_log off;
  client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path fastcgi;
  uwsgi_temp_path uwsgi; scgi_temp_path scgi;
  client_max_body_size 0;
  keepalive_requests 1000000;
  proxy_http_version 1.1;
  proxy_set_header Connection "";
  proxy_set_header Host $http_host;
  proxy_buffering off;
  proxy_request_buffering off;
  proxy_connect_timeout 2s;
  proxy_next_upstream error timeout;
  gzip off;
)";

}  // namespace

bool RandomProxy::installed() { return ::access(kNginx, X_OK) == 0; }

RandomProxy::RandomProxy(const std::vector<std::string>& ports, int port)
    : port_(port == 0 ? freePort() : port) {
    folder_.write("nginx.conf", configuration(ports));
    server_ = std::make_unique<ChildServer>(
        std::vector<std::string>{kNginx, "-p", folder_.path().string(), "-c",
                                 (folder_ / "nginx.conf").string()},
        "start worker process");
    if (!server_->ready()) throw std::runtime_error("nginx does not start");
}

std::string RandomProxy::configuration(const std::vector<std::string>& ports) const {
    std::string servers;
    for (const std::string& each : ports)
        servers += "    server 127.0.0.1:" + each + " max_fails=0;\n";
    return std::string("daemon off;\nerror_log stderr notice;\npid nginx.pid;\n") +
           (::geteuid() == 0 ? "user root;\n" : "") +
           "worker_processes 1;\nevents { worker_connections 4096; }\nhttp {" + kHttp +
           "  upstream servers {\n    random;\n" + servers +
           "  }\n  server {\n    listen 127.0.0.1:" + std::to_string(port_) +
           ";\n    location / { proxy_pass http://servers; }\n  }\n}\n";
}

}  // namespace sheafline::test
