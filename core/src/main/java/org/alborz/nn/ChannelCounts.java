package org.alborz.nn;

/** What convolutions expect of their numbers of channels. */
final class ChannelCounts {
    private ChannelCounts() {}

    static void require(String layer, int in, int out, int groups, int... kernel) {
        boolean fits = in >= 1 && out >= 1 && in % groups == 0 && out % groups == 0;
        StringBuilder sizes = new StringBuilder();
        for (int size : kernel) {
            fits &= size >= 1;
            sizes.append(sizes.isEmpty() ? "" : "x").append(size);
        }
        if (!fits) {
            throw new IllegalArgumentException(
                    layer + " expects positive channels and kernel, and channels divisible by the groups; got " + in
                            + " to " + out + " channels, kernel " + sizes + ", " + groups + " groups");
        }
    }
}
