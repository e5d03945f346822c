package org.alborz.distributed;

/** A sum of float64. */
final class Doubles extends Chain {
    private final double[] joined = new double[Frame.PIECE / Double.BYTES];
    private Reduction reduction;
    private double[] values;
    private int from;

    Doubles(TcpCollective group) {
        super(group, Double.BYTES);
    }

    /** Sets how this rank's numbers from a start on are joined to those of the others. */
    Doubles of(Reduction by, double[] numbers, int start) {
        reduction = by;
        values = numbers;
        from = start;
        return this;
    }

    /** Lets the collector have the numbers. */
    void forget() {
        values = null;
    }

    @Override
    void own(Frame frame, int start, int numbers) {
        frame.put(values, from + start, numbers);
    }

    @Override
    void join(Frame frame, int start, int numbers) {
        frame.get(joined, 0, numbers);
        for (int i = 0; i < numbers; i++) {
            joined[i] = reduction.of(joined[i], values[from + start + i]);
        }
        frame.put(joined, 0, numbers);
    }

    @Override
    void result(Frame frame, int start, int numbers) {
        frame.get(values, from + start, numbers);
    }
}
