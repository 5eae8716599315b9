// Does not include plugin.h, which would add the section of this version.
struct Descriptor {
    int abi = 99;
};

extern "C" {
extern __attribute__((visibility("default"), section("sheafline_abi_99")))
const Descriptor sheafline_plugin;
}

const Descriptor sheafline_plugin{};
