// The connection of a batch process, with the test as its owner at the other end.
#include "batch/owner_link.h"

#include <array>
#include <future>
#include <sys/socket.h>

#include <catch2/catch.hpp>

#include <sheafline/error.h>
#include <sheafline/file_descriptor.h>

#include "history/change_wire.h"

using namespace sheafline;  // NOLINT(google-build-using-namespace)

namespace {

struct Owner {
    FileDescriptor theirs;
    FileDescriptor ours;
    std::unique_ptr<FrameReader> frames;
    Redactor redactor{};
    std::promise<StopReason> stopped{};
    std::unique_ptr<OwnerLink> link;

    Owner() {
        std::array<int, 2> pair{};
        REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM, 0, pair.data()) == 0);
        ours = FileDescriptor(pair[0]);
        theirs = FileDescriptor(pair[1]);
        frames = std::make_unique<FrameReader>(ours.get());
        link = std::make_unique<OwnerLink>(
            theirs.get(), "b", redactor, [this](StopReason reason) { stopped.set_value(reason); });
    }

    struct Received {
        std::uint64_t id;
        Change change;
    };
    Received next() {
        const auto frame = frames->next();
        REQUIRE(frame);
        REQUIRE(frame->type == static_cast<std::uint8_t>(LinkFrame::change));
        WireReader in(frame->payload);
        const std::uint64_t id = in.u64();
        return {id, decodeChange(in.text())};
    }
    void send(LinkFrame type, const WireWriter& payload) const {
        REQUIRE(sendFrame(ours.get(), static_cast<std::uint8_t>(type), payload.bytes()));
    }
    void acknowledge(std::uint64_t id) const {
        send(LinkFrame::ack, WireWriter().u64(id).flag(false));
    }
    void reject(std::uint64_t id) const {
        send(LinkFrame::ack, WireWriter()
                                 .u64(id)
                                 .flag(true)
                                 .u64(static_cast<std::uint64_t>(ErrorClass::permanent))
                                 .text("DISK_IO")
                                 .text("the disk is broken"));
    }
};

void addEvent(OwnerLink& link, const std::string& message) {
    link.edit([&](Change& change) { change.events.push_back({.message = message}); });
}

}  // namespace

TEST_CASE("an event closes its change and the numbers of changes count from 1") {
    Owner owner;
    addEvent(*owner.link, "one");
    addEvent(*owner.link, "two");
    for (std::uint64_t id = 1; id <= 2; ++id) {
        const auto received = owner.next();
        CHECK(received.id == id);
        CHECK(received.change.batch_id == "b");
        CHECK(received.change.events.size() == 1);
    }
}

TEST_CASE("editAndWait returns after the acknowledgement of its own change") {
    Owner owner;
    auto waiting = std::async(std::launch::async, [&] {
        owner.link->editAndWait([](Change& change) { change.freeze_sheets = true; });
    });
    const auto received = owner.next();
    CHECK(received.change.freeze_sheets);
    CHECK(waiting.wait_for(std::chrono::seconds(0)) == std::future_status::timeout);
    owner.acknowledge(received.id);
    waiting.get();
}

TEST_CASE("a rejection stops the batch and reaches every caller") {
    Owner owner;
    auto waiting = std::async(std::launch::async, [&] { owner.link->flush(); });
    owner.reject(owner.next().id);
    CHECK_THROWS_WITH(waiting.get(), "the disk is broken");
    CHECK(owner.stopped.get_future().get() == StopReason::interrupt);
    CHECK_THROWS_WITH(owner.link->flush(), "the disk is broken");
    CHECK_THROWS_WITH(addEvent(*owner.link, "late"), "the disk is broken");
    owner.link->edit([](Change&) { FAIL("nothing is added after a rejection"); },
                     OwnerLink::Room::never_wait);
}

TEST_CASE("a process that is asked to stop or pinged answers at once") {
    Owner owner;
    owner.send(LinkFrame::ping, {});
    auto frame = owner.frames->next();
    REQUIRE(frame);
    CHECK(frame->type == static_cast<std::uint8_t>(LinkFrame::pong));
    owner.send(LinkFrame::stop, WireWriter().u64(static_cast<std::uint64_t>(StopReason::cancel)));
    frame = owner.frames->next();
    REQUIRE(frame);
    CHECK(frame->type == static_cast<std::uint8_t>(LinkFrame::pong));
    CHECK(owner.stopped.get_future().get() == StopReason::cancel);
}

TEST_CASE("large readings are sent in changes of a bounded size") {
    Owner owner;
    constexpr int kReadings = 12;
    auto adding = std::async(std::launch::async, [&] {
        for (int number = 1; number <= kReadings; ++number) {
            owner.link->edit([&](Change& change) {
                change.sheets.push_back(
                    {.number = number,
                     .reading = Reading{.evidence = std::string(6U << 20U, 'e')}});
            });
        }
    });
    int sheets = 0;
    while (sheets < kReadings) {
        const auto received = owner.next();
        CHECK(received.change.sheets.size() <= 2);
        sheets += static_cast<int>(received.change.sheets.size());
        owner.acknowledge(received.id);
    }
    adding.get();
}
