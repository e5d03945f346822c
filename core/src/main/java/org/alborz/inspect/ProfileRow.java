package org.alborz.inspect;

import org.alborz.text.Given;

/**
 * What operations of one kind, in one layer and direction, took.
 *
 * @param layer its path; empty for the net itself, null outside of nets, as for losses and optimizers, and where layers were added up
 * @param operation its name; null where operations were added up
 * @param backward whether gradients were computed
 * @param calls how many operations there were
 * @param nanos the time of all of them
 * @param multiplyAdds the products that they added up
 * @param bytes what they read and wrote, each element once
 */
public record ProfileRow(
        String layer, String operation, boolean backward, long calls, long nanos, long multiplyAdds, long bytes) {
    /** Returns the time in seconds. */
    public double seconds() {
        return nanos * 1e-9;
    }

    /** Returns how near the time is to the least possible: 1 where it is as short as a machine allows, 0 where no time passed. */
    public double efficiency(Roofline roofline) {
        Given.value(roofline, "efficiency", "a roofline");
        return nanos == 0 ? 0 : roofline.seconds(multiplyAdds, bytes) / seconds();
    }

    ProfileRow plus(ProfileRow other) {
        return new ProfileRow(
                layer,
                operation,
                backward,
                calls + other.calls,
                nanos + other.nanos,
                multiplyAdds + other.multiplyAdds,
                bytes + other.bytes);
    }
}
