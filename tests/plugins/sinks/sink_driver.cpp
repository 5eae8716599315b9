// sink_driver NAME [PARAM=VALUE]…: passes each line of standard input to a built sink as one event.
// For tests that look at a sink from outside, and for trying one in a terminal.
#include <exception>
#include <iostream>
#include <string>
#include <vector>

#include "plugin_under_test.h"

int main(int argc, char** argv) try {
    const std::vector<std::string> arguments(argv + 1, argv + argc);
    sheafline::ParamValues values;
    for (std::size_t i = 1; i < arguments.size(); ++i) {
        const auto equals = arguments[i].find('=');
        values[arguments[i].substr(0, equals)].text = arguments[i].substr(equals + 1);
    }
    const auto sink = sheafline::test::makeSink(arguments.at(0), values);
    sheafline::CommittedEvent event{.batch_id = "b"};
    while (std::getline(std::cin, event.json)) {
        ++event.event_id;
        ++event.seq;
        sink->deliver({&event, 1});
    }
    return 0;
} catch (const std::exception& e) {
    std::cerr << "sink_driver: " << e.what() << "\n";
    return 1;
}
