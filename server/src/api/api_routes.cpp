#include "api/api_routes.h"

#include <algorithm>
#include <exception>
#include <memory>
#include <optional>
#include <system_error>
#include <utility>

#include <Poco/Net/HTTPRequestHandler.h>
#include <Poco/Net/HTTPServerResponse.h>

#include <sheafline/error.h>

#include "api/audit_watch.h"
#include "api/description/problem_codes.h"

namespace sheafline::api {

namespace {

using http::HttpError;

void requireAccess(Access access, const Caller& caller) {
    const bool enough = (access == Access::reader && caller.may_read) ||
                        (access == Access::creator && caller.may_create) ||
                        (access == Access::decider && caller.may_decide) ||
                        (access == Access::changer && caller.may_change) ||
                        (access == Access::admin && caller.sees_all);
    if (!enough)
        throw HttpError(403, "FORBIDDEN",
                        "your role, or a scope that your token lacks, does not allow this");
}

void requireKnownQuery(const RouteRules& rules, const std::string& query) {
    for (const auto& [name, value] : formFields(query)) {
        const bool known = std::any_of(
            rules.query.begin(), rules.query.end(), [&name = name](const std::string& pattern) {
                return pattern == name || (pattern.ends_with('*') &&
                                           name.starts_with(pattern.substr(0, pattern.size() - 1)));
            });
        if (!known) throw HttpError(400, "BAD_QUERY", "'" + name + "' is not known here");
    }
}

[[noreturn]] void throwBusy(const std::string& detail) {
    throw HttpError(http::Problem{
        .status = 503, .code = "BUSY", .detail = detail, .fields = {{"Retry-After", "1"}}});
}

// Errors that the client can correct or wait for get their own status. All others are the server's:
// 500, with the reason in the log.
void throwForClient(const Error& error) {
    if (error.code() == "DISK_FULL")
        throw HttpError(507, "DISK_FULL",
                        "the server's disk is full; try again once its operator has freed space");
    if (error.code() == "DISK_READONLY")
        throw HttpError(507, "DISK_READONLY",
                        "the server's disk cannot be written; tell its operator");
    if (error.code() == "TOO_MANY_FILES")
        throwBusy("the server has too many files open; try again in a few seconds");
    if (error.errorClass() == ErrorClass::transient)
        throwBusy("the server is busy; try again in a few seconds");
}

void throwForClient(const std::error_code& error) {
    if (error == std::errc::too_many_files_open ||
        error == std::errc::too_many_files_open_in_system)
        throwBusy("the server has too many files open; try again in a few seconds");
    if (error == std::errc::no_space_on_device)
        throw HttpError(507, "DISK_FULL",
                        "the server's disk is full; try again once its operator has freed space");
}

constexpr int kInternalError = 500;

// What a route needs in addition to its action; lives as long as the routes.
struct Surroundings {
    RouteRules rules;
    Gate& gate;
    const CorsPolicy* cors;
    AuditWatch* watch;        // null: the route leaves no entry
    std::string_view action;  // in the audit trail
};

class RouteHandler : public Poco::Net::HTTPRequestHandler {
 public:
    RouteHandler(const Surroundings& around, http::Call& call)
        : around_(around),
          call_(call),
          cors_fields_(around.cors == nullptr ? http::Fields{}
                                              : around.cors->fieldsFor(call.head)) {}

 protected:
    // Writes the answered call into the audit trail, once.
    void audit(ApiRequest& api, int status) {
        if (around_.watch == nullptr || std::exchange(audited_, true)) return;
        around_.watch->answered(around_.action, api, status);
    }
    void audit(ApiRequest& api) { audit(api, api.response().getStatus()); }

    // Runs `action`, as guarded() does, and writes its failure into the audit trail. A client that
    // leaves during a download has received a part of it: that call counts as answered.
    template <typename Action>
    auto audited(ApiRequest& api, Action action) {
        try {
            return guarded(action);
        } catch (const HttpError& error) {
            audit(api, error.problem().status);
            throw;
        } catch (const std::exception&) {
            audit(api, api.response().sent() ? api.response().getStatus() : kInternalError);
            throw;
        }
    }

    // Runs `action`; turns its exception into an answer with the header fields for this caller.
    template <typename Action>
    auto guarded(Action action) {
        try {
            try {
                return action();
            } catch (const Error& error) {
                throwForClient(error);
                throw;
            } catch (const std::system_error& error) {
                throwForClient(error.code());
                throw;
            }
        } catch (const HttpError& error) {
            http::Problem problem = withRemedy(error.problem());
            problem.fields.insert(problem.fields.end(), cors_fields_.begin(), cors_fields_.end());
            throw HttpError(std::move(problem));
        }
    }

    // Throws HttpError if the caller may not do this.
    void admit(ApiRequest& api) {
        for (const auto& [name, value] : cors_fields_) api.response().set(name, value);
        if (around_.rules.access != Access::open) {
            api.caller = around_.gate.identify(call_);
            requireAccess(around_.rules.access, api.caller);
        }
        requireKnownQuery(around_.rules, call_.head.query);
    }

    http::Call& call() const { return call_; }

 private:
    const Surroundings& around_;
    http::Call& call_;
    const http::Fields cors_fields_;
    bool audited_ = false;
};

class WholeHandler : public RouteHandler {
 public:
    WholeHandler(const Handle& handle, const Surroundings& around, http::Call& call)
        : RouteHandler(around, call), handle_(handle) {}

    void handleRequest(Poco::Net::HTTPServerRequest& request,
                       Poco::Net::HTTPServerResponse& response) override {
        ApiRequest api(call(), request, response);
        audited(api, [&] {
            admit(api);
            handle_(api);
        });
        audit(api);
    }

 private:
    const Handle& handle_;
};

class StreamedHandler : public RouteHandler, public http::BodyReceiver {
 public:
    StreamedHandler(const Consume& consume, const Surroundings& around, http::Call& call)
        : RouteHandler(around, call), consume_(consume) {}

    void handleRequest(Poco::Net::HTTPServerRequest&, Poco::Net::HTTPServerResponse&) override {}

    bool begin(Poco::Net::HTTPServerRequest& request,
               Poco::Net::HTTPServerResponse& response) override {
        api_.emplace(call(), request, response);
        audited(*api_, [&] {
            admit(*api_);
            consumer_ = consume_(*api_);
        });
        if (!consumer_) audit(*api_);
        return consumer_ != nullptr;
    }
    bool take(std::span<const char> bytes) override {
        return audited(*api_, [&] { return consumer_->take(bytes); });
    }
    void end(http::BodyEnd how) override {
        if (!consumer_) return;
        audited(*api_, [&] { consumer_->end(*api_, how); });
        audit(*api_);
    }

 private:
    const Consume& consume_;
    std::optional<ApiRequest> api_{};
    std::unique_ptr<BodyConsumer> consumer_{};
};

}  // namespace

std::vector<std::string_view> problemsOf(const DescribedRoute& route) {
    std::vector<std::string_view> codes = route.rules.errors;
    if (route.rules.access == Access::open) return codes;
    codes.emplace_back("UNAUTHORIZED");
    if (route.method != "GET") codes.emplace_back("FOREIGN_ORIGIN");
    codes.emplace_back("FORBIDDEN");
    if (route.rules.access == Access::reader) return codes;
    for (const char* code : {"DISK_FULL", "DISK_READONLY"}) codes.emplace_back(code);
    return codes;
}

template <typename Handler, typename Action>
void ApiRoutes::addRoute(const std::string& method, const std::string& pattern, RouteRules rules,
                         Action action) {
    for (const std::string_view code : rules.errors) problemCode(code);
    described_.push_back({.method = method, .pattern = pattern, .rules = rules});
    const http::RouteOptions options = rules.options;
    const std::string_view audit_action = auditedAction(method, pattern);
    router_.add(method, pattern, options,
                [around = Surroundings{.rules = std::move(rules),
                                       .gate = gate_,
                                       .cors = cors_,
                                       .watch = audit_action.empty() ? nullptr : watch_,
                                       .action = audit_action},
                 action = std::move(action)](http::Call& call) {
                    return std::make_unique<Handler>(action, around, call);
                });
}

void ApiRoutes::add(const std::string& method, const std::string& pattern, RouteRules rules,
                    Handle handle) {
    addRoute<WholeHandler>(method, pattern, std::move(rules), std::move(handle));
}

void ApiRoutes::addStreamed(const std::string& method, const std::string& pattern, RouteRules rules,
                            Consume consume) {
    rules.options.body = http::BodyMode::streamed;
    addRoute<StreamedHandler>(method, pattern, std::move(rules), std::move(consume));
}

}  // namespace sheafline::api
