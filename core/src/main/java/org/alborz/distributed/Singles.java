package org.alborz.distributed;

/** A sum of float32. */
final class Singles extends Chain {
    private final float[] joined = new float[Frame.PIECE / Float.BYTES];
    private Reduction reduction;
    private float[] values;
    private int from;

    Singles(TcpCollective group) {
        super(group, Float.BYTES);
    }

    /** Sets how this rank's numbers from a start on are joined to those of the others. */
    Singles of(Reduction by, float[] numbers, int start) {
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
        reduction.into(joined, 0, values, from + start, numbers);
        frame.put(joined, 0, numbers);
    }

    @Override
    void result(Frame frame, int start, int numbers) {
        frame.get(values, from + start, numbers);
    }
}
