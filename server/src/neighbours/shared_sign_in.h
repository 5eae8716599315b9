// Sign-in on a server whose accounts are on another one. Names and passwords are checked there. A
// token is valid here if its signature is right, because the key is shared, and if its session is
// not among those that ended. Thread-safe. Throws HttpError if the server with the accounts, or
// Redis, is not reachable.
#pragma once

#include <string>
#include <utility>

#include "accounts/session_desk.h"
#include "accounts/tokens.h"
#include "client/remote_server.h"
#include "neighbours/revocations.h"

namespace sheafline {

class SharedSignIn : public SessionDesk {
 public:
    // Both outlive it.
    SharedSignIn(std::string accounts_url, const Tokens& tokens, Revocations& revocations,
                 TlsFiles files)
        : accounts_url_(std::move(accounts_url)),
          files_(std::move(files)),
          tokens_(tokens),
          revocations_(revocations) {}

    LoginResult login(std::string_view name, std::string_view password,
                      std::string_view address) override;
    std::optional<Identity> identify(std::string_view token) override;
    LoginResult refresh(std::string_view token) override;
    void logout(const Identity& identity) override;
    std::string ticket(const Identity& identity, const std::string& batch_id) override;
    std::optional<Identity> identifyTicket(std::string_view ticket,
                                           std::string_view batch_id) override;
    std::optional<Identity> identifyServer(std::string_view token,
                                           std::string_view batch_id) override;
    bool isOpen(const Identity& identity) override;
    std::int64_t revision() override { return revocations_.revision(); }
    void sweep() override {}  // this server stores no sessions

 private:
    HttpAnswer ask(const HttpAsk& what, const std::string& token = {}) const;
    std::optional<Identity> known(TokenKind kind, std::string_view token,
                                  std::string_view batch_id);

    const std::string accounts_url_;
    const TlsFiles files_;  // for https
    const Tokens& tokens_;
    Revocations& revocations_;
};

}  // namespace sheafline
