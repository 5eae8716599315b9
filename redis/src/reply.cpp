#include <sheafline/redis/reply.h>

namespace sheafline::redis {

std::map<std::string, std::string> fieldsOf(const Reply& reply) {
    std::map<std::string, std::string> fields;
    for (std::size_t i = 0; i + 1 < reply.items.size(); i += 2)
        fields[reply.items[i].text] = reply.items[i + 1].text;
    return fields;
}

}  // namespace sheafline::redis
