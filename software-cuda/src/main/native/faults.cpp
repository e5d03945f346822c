#include "faults.h"
#include <cstring>

namespace soft {

void Faults::inject(const std::string& call, long nth, int result) {
    planned.push_back({call, nth, result});
}

int Faults::strike(const char* call) {
    int result = 0;
    for (size_t i = 0; i < planned.size(); i++) {
        Planned& p = planned[i];
        size_t n = p.call.size();
        if (strncmp(call, p.call.c_str(), n) || (call[n] && strcmp(call + n, "_v2"))) continue;
        if (--p.left > 0) continue;
        if (!result) result = p.result;
        planned.erase(planned.begin() + i--);
    }
    return result;
}

void Faults::clear() {
    planned.clear();
    lost = 0;
}

}
