// A template of a sheet: FUZZ_FILE is the name that the form of the template depends on.
#include <sheafline/error.h>
#include <sheafline/sheets/load_template.h>

#include "fuzz_input.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    try {
        sheafline::sheets::parseTemplate(sheafline::fuzz::textOf(data, size), FUZZ_FILE);
    } catch (const sheafline::ConfigError&) {  // rejected
    } catch (const sheafline::Error&) {        // a file that it names is missing
    }
    return 0;
}
