package org.alborz.cli;

import java.util.List;

/** Refuses values that cannot be meant, alike for every option and for the settings that files hold. */
final class OptionChecks {
    private OptionChecks() {}

    /** Returns a number of things, of which there is one at least. */
    static int count(String option, int value) {
        return count(option, value, Integer.MAX_VALUE);
    }

    /** Returns a number of things from 1 to the most that can be meant. */
    static int count(String option, int value, int most) {
        if (value < 1 || value > most) {
            throw refused(option, most == Integer.MAX_VALUE ? "at least 1" : "at least 1 and at most " + most, value);
        }
        return value;
    }

    /** Returns a number between the least and the most that can be meant, both inclusive. */
    static int between(String option, int value, int least, int most) {
        if (value < least || value > most) {
            throw refused(option, least + " to " + most, value);
        }
        return value;
    }

    /** Returns a number counted from 0. */
    static int index(String option, int value) {
        if (value < 0) {
            throw refused(option, "at least 0", value);
        }
        return value;
    }

    /** Returns a number that has an effect: finite and above 0 as a float32. */
    static double positive(String option, double value) {
        if (!((float) value > 0) || Float.isInfinite((float) value)) {
            throw refused(option, "a number above 0, and at most " + Float.MAX_VALUE, value);
        }
        return value;
    }

    /** Returns a number from 0 to the most that can be meant; never −0, and 0 as a float32 only where it is 0. */
    static double atLeastZero(String option, double value, double most) {
        if (!(value >= 0 && value <= most) || value > 0 && (float) value == 0) {
            throw refused(
                    option, "a number of at least 0 and at most " + most + ", and 0 or a float32 above it", value);
        }
        return value + 0.0;
    }

    /** Returns one of the known words. */
    static String oneOf(String option, String value, List<String> known) {
        if (!known.contains(value)) {
            throw refused(option, "one of " + String.join(", ", known), "'" + value + "'");
        }
        return value;
    }

    /** Returns the refusal of a value. */
    static CommandFailure refused(String option, String expected, Object value) {
        return CommandFailure.usage(option + " expects " + expected + ", got " + value);
    }
}
