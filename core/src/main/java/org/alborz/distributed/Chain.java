package org.alborz.distributed;

import org.alborz.distributed.Frame.Kind;

/** A sum in pieces from rank 0 to the last, and its result from there round to all others; used again by each call. */
abstract class Chain {
    /** Pieces that rank 0 sends before it waits for the first result, without those for each rank. */
    private static final int WINDOW = 4;

    private final TcpCollective group;
    private final int width;

    /** Numbers of a piece. */
    private final int most;

    private int signature;
    private int count;

    /** @param width bytes of a number */
    Chain(TcpCollective group, int width) {
        this.group = group;
        this.width = width;
        this.most = Frame.PIECE / width;
    }

    /** Returns how many pieces rank 0 sends before it waits for the first result; more with more ranks, so that all have work. */
    static int window(int size) {
        return WINDOW + size;
    }

    /** Writes this rank's numbers into a frame. */
    abstract void own(Frame frame, int start, int numbers);

    /** Joins this rank's numbers to those of a frame. */
    abstract void join(Frame frame, int start, int numbers);

    /** Takes the result from a frame. */
    abstract void result(Frame frame, int start, int numbers);

    /** Sums so many numbers over all ranks, in frames of a signature. */
    void run(int ofSignature, int numbers) {
        signature = ofSignature;
        count = numbers;
        int pieces = (int) ((count + (long) most - 1) / most);
        if (group.rank() == 0) {
            lead(pieces);
        } else {
            follow(pieces);
        }
    }

    private void lead(int pieces) {
        int window = window(group.size());
        for (int i = 0; i < pieces + window; i++) {
            if (i < pieces) {
                Frame frame = group.take();
                own(frame, i * most, length(i));
                group.send(frame, Kind.PARTIAL, signature, length(i) * width);
            }
            if (i >= window) {
                takeResult(group.receive(signature, Kind.RESULT, Kind.RESULT), i - window);
            }
        }
    }

    private void follow(int pieces) {
        boolean last = group.rank() == group.size() - 1;
        int summed = 0;
        int known = 0;
        while (summed < pieces || known < pieces && !last) {
            Frame frame = group.receive(signature, Kind.PARTIAL, Kind.RESULT);
            if (frame.kind() == Kind.RESULT) {
                takeResult(frame, known++);
            } else {
                group.requireLength(frame, length(summed), width);
                join(frame, summed * most, length(summed));
                if (last) {
                    result(frame, summed * most, length(summed));
                }
                group.send(frame, last ? Kind.RESULT : Kind.PARTIAL, signature, frame.length());
                summed++;
            }
        }
    }

    private int length(int piece) {
        return Math.min(most, count - piece * most);
    }

    private void takeResult(Frame frame, int piece) {
        group.requireLength(frame, length(piece), width);
        result(frame, piece * most, length(piece));
        if (group.after() != group.size() - 1) { // which has it
            group.send(frame, Kind.RESULT, signature, frame.length());
        } else {
            group.giveBack(frame);
        }
    }
}
