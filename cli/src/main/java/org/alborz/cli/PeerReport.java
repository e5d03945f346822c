package org.alborz.cli;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;

/**
 * What {@code bench --peers --json} writes.
 *
 * @param measured when, in UTC
 * @param engines what each says of itself, by its name: of Alborz the lanes and registers of vectors, of the others their version
 */
public record PeerReport(
        String measured,
        Machine machine,
        Map<String, Map<String, String>> engines,
        Method method,
        List<PeerRatio.Result> rows) {

    /**
     * How it was measured.
     *
     * @param rounds of each row; start and memory may have fewer
     * @param seconds that a turn lasts at least
     * @param secondsOfElements the same for functions of a matrix
     * @param ourJvmOptions of Alborz's processes, but for those about the compilation of single classes, which jvm.options has
     * @param peerEnvironment of the peers' processes, but where memory or the start is measured: how memory is given out
     */
    public record Method(
            int rounds,
            double seconds,
            double secondsOfElements,
            List<String> ourJvmOptions,
            Map<String, String> peerEnvironment) {}

    static PeerReport of(
            Machine machine, Map<String, Map<String, String>> engines, Method method, List<PeerRatio.Result> rows) {
        return new PeerReport(Instant.now().truncatedTo(ChronoUnit.SECONDS).toString(), machine, engines, method, rows);
    }
}
