package org.alborz.benchmarks.peers;

/** Measures how often something can be done in a second. */
public final class Rate {
    private Rate() {}

    /**
     * Does something for at least the given time, and once at least.
     *
     * @param amount what one run does
     * @return amount a second
     */
    public static double of(Runnable run, double amount, double seconds) {
        long start = System.nanoTime();
        long runs = 0;
        double elapsed;
        do {
            run.run();
            runs++;
            elapsed = (System.nanoTime() - start) * 1e-9;
        } while (elapsed < seconds);
        return runs * amount / elapsed;
    }
}
