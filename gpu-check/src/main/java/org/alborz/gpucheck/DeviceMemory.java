package org.alborz.gpucheck;

import java.util.List;
import java.util.OptionalLong;

/** Tells how much of the device's memory is taken, by anyone. */
interface DeviceMemory {
    /** Returns MiB, or nothing where it cannot be told. */
    OptionalLong usedMebibytes();

    /** Asks {@code nvidia-smi} for the first device. */
    static DeviceMemory ofNvidia() {
        return () -> {
            List<String> lines =
                    Command.lines("nvidia-smi", "-i", "0", "--query-gpu=memory.used", "--format=csv,noheader,nounits");
            try {
                return lines.isEmpty()
                        ? OptionalLong.empty()
                        : OptionalLong.of(Long.parseLong(lines.get(0).strip()));
            } catch (NumberFormatException e) {
                return OptionalLong.empty(); // "[N/A]" on devices that share the host's memory
            }
        };
    }

    static DeviceMemory unknown() {
        return OptionalLong::empty;
    }
}
