package org.alborz.cli;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.alborz.train.DataOnDevice;

/** How a run's steps are executed, which changes none of their bits. */
record Execution(boolean graphCapture, DataOnDevice dataOnDevice) {
    /** Reads the value of {@code --data-on-device}. */
    static DataOnDevice dataOnDevice(String name) {
        List<String> names =
                Arrays.stream(DataOnDevice.values()).map(Execution::name).toList();
        return DataOnDevice.valueOf(
                OptionChecks.oneOf("--data-on-device", name, names).toUpperCase(Locale.ROOT));
    }

    /** Returns a value as the option takes it. */
    static String name(DataOnDevice value) {
        return value.name().toLowerCase(Locale.ROOT);
    }
}
