// `template check`: a template is made by looking at what it reads.
#include <iostream>

#include <sheafline/durable_file.h>
#include <sheafline/error.h>
#include <sheafline/sheets/overlay.h>
#include <sheafline/sheets/read_image.h>

#include "commands/commands.h"
#include "commands/exit_status.h"

namespace sheafline {

int templateCheckCommand(const std::string& template_file, const std::string& sheet_file,
                         const std::string& out) {
    try {
        const sheets::TemplateCheck check = sheets::checkTemplate(template_file, sheet_file);
        DurableFile picture(out);
        picture.write({reinterpret_cast<const char*>(check.picture.data()), check.picture.size()});
        picture.publish();
        std::cout << check.report;
        std::cerr << "Drew " << out << '\n';
        return check.readable ? kDone : kBatchFailed;
    } catch (const sheets::UnreadableImage& error) {
        throw ConfigError(sheet_file + ": " + error.what());
    }
}

}  // namespace sheafline
