package org.alborz.cli;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;

/** How Alborz compares with a peer in the rounds of a work. */
public final class PeerRatio {
    /** From this share of the processors on, others decide who wins: PyTorch's threads wait actively and suffer most. */
    private static final double DISTURBED = 0.1;

    private final PeerWork work;
    private final List<Double> ours = new ArrayList<>();
    private final List<Double> peers = new ArrayList<>();
    private final List<Double> ratios = new ArrayList<>();
    private OptionalDouble others = OptionalDouble.empty();

    /**
     * What {@code --json} lists.
     *
     * @param ours the median of what was measured of Alborz
     * @param peer the median of what was measured of the peer
     * @param ratio the median of the rounds' ratios; above 1 Alborz is better
     * @param low the lowest ratio of a round
     * @param firstQuartile of the ratios, between rounds as interpolated
     * @param thirdQuartile likewise
     * @param high the highest ratio of a round
     * @param ratios of the rounds, in order
     * @param others the share of the processors, from 0 to 1, that others took meanwhile; null where it is not known
     * @param disturbed whether that is so much that the ratio says nothing
     * @param atLeast the ratio that Alborz is to reach, or null
     * @param aim the ratio that it aims at, or null
     */
    public record Result(
            String work,
            double ours,
            double peer,
            String unit,
            double ratio,
            double low,
            double firstQuartile,
            double thirdQuartile,
            double high,
            List<Double> ratios,
            Double others,
            boolean disturbed,
            Double atLeast,
            Double aim) {}

    public PeerRatio(PeerWork work) {
        this.work = work;
    }

    PeerWork work() {
        return work;
    }

    /** Notes the share of the processors, from 0 to 1, that others took meanwhile; empty where it is not known. */
    void others(OptionalDouble share) {
        others = share;
    }

    /** Says what others took meanwhile, as far as that is known. */
    String remark() {
        return others.isPresent()
                ? String.format(Locale.ROOT, "others took %.0f %%", 100 * others.getAsDouble())
                : "others not watched";
    }

    /** Judges the ratio by the work's target; not where others took so much that it says nothing. */
    String verdict() {
        if (isDisturbed()) {
            return "disturbed: " + remark();
        }
        return work.target() == null ? "" : work.target().verdict(result().ratio());
    }

    private boolean isDisturbed() {
        return others.isPresent() && others.getAsDouble() > DISTURBED;
    }

    /** Adds what was measured of both in one round, one directly after the other. */
    public void add(double our, double peer) {
        if (!(our > 0 && peer > 0)) {
            throw new IllegalArgumentException(
                    work.name() + " expects measurements above 0, got " + our + " and " + peer);
        }
        ours.add(our);
        peers.add(peer);
        ratios.add(work.isRate() ? our / peer : peer / our);
    }

    public Result result() {
        return new Result(
                work.name(),
                Measurement.median(ours),
                Measurement.median(peers),
                work.unit(),
                Measurement.median(ratios),
                Collections.min(ratios),
                Measurement.quantile(ratios, 0.25),
                Measurement.quantile(ratios, 0.75),
                Collections.max(ratios),
                List.copyOf(ratios),
                others.isPresent() ? others.getAsDouble() : null,
                isDisturbed(),
                work.target() == null ? null : work.target().atLeast(),
                work.target() == null ? null : work.target().aim());
    }
}
