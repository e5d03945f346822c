package org.alborz.train;

import java.net.URI;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import org.alborz.notice.Warnings;
import org.alborz.text.Given;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends the figures of each epoch to a server, as JSON by HTTP POST: {@code {"epoch":1,"step":500,"learning_rate":0.001,"loss":0.5,…}}, with null for
 * what is no finite number.
 *
 * <p>Sending is done by a thread of its own and never holds the training up: of what a slow or silent server leaves waiting, the newest are dropped, and
 * a warning at the end says how many were dropped or not accepted. The end of the training waits {@link #closeTimeout} at most for what is left.
 */
public final class RemoteMonitor implements Callback {
    private static final Logger log = LoggerFactory.getLogger(RemoteMonitor.class);
    private static final int WAITING = 64;

    private final URI target;
    private final Map<String, String> headers;
    private final Duration closeTimeout;

    /** Null while no training runs. */
    private JsonSender sender;

    private long dropped;
    private long failed;

    /**
     * Sends to an address.
     *
     * @param target such as {@code http://localhost:9000/publish/epoch/end/}, Keras's default
     */
    public RemoteMonitor(URI target) {
        this(requireHttp(target), Map.of(), Duration.ofSeconds(2));
    }

    private RemoteMonitor(URI target, Map<String, String> headers, Duration closeTimeout) {
        this.target = target;
        this.headers = headers;
        this.closeTimeout = closeTimeout;
    }

    private static URI requireHttp(URI target) {
        String scheme = Given.value(target, "RemoteMonitor", "an address").getScheme();
        if (target.getHost() == null || !"http".equals(scheme) && !"https".equals(scheme)) {
            throw new IllegalArgumentException(
                    "RemoteMonitor expects an address with http or https and a host, got " + target);
        }
        return target;
    }

    /** Returns one that sends a further header, such as {@code Authorization}. */
    public RemoteMonitor header(String name, String value) {
        Map<String, String> more = new TreeMap<>(headers);
        more.put(Given.value(name, "RemoteMonitor", "a header"), Given.value(value, "RemoteMonitor", "a value"));
        JsonSender.requireAllowed(target, more);
        return new RemoteMonitor(target, more, closeTimeout);
    }

    /** Returns one that waits so long at the end of the training for what was not sent yet; 2 seconds unless set. */
    public RemoteMonitor closeTimeout(Duration time) {
        if (Given.value(time, "RemoteMonitor", "a time").isNegative()) {
            throw new IllegalArgumentException("RemoteMonitor expects a closeTimeout of at least 0, got " + time);
        }
        return new RemoteMonitor(target, headers, time);
    }

    @Override
    public boolean rankZeroOnly() {
        return true;
    }

    @Override
    public void onTrainBegin(Trainer trainer) {
        sender = new JsonSender(target, headers, WAITING);
    }

    @Override
    public void onEpochEnd(Trainer trainer, EpochResult result) {
        Map<String, Number> figures = new LinkedHashMap<>();
        figures.put("epoch", result.epoch());
        figures.put("step", trainer.step());
        figures.put("learning_rate", trainer.learningRate());
        figures.putAll(result.figures());
        figures.put("seconds", result.seconds());
        sender.offer(figures);
    }

    @Override
    public void onTrainEnd(Trainer trainer) {
        JsonSender ended = sender;
        sender = null;
        ended.close(closeTimeout);
        dropped += ended.dropped();
        failed += ended.failed();
        if (ended.dropped() + ended.failed() > 0) {
            Warnings.warn(
                    log,
                    "RemoteMonitor could not hand " + (ended.dropped() + ended.failed()) + " of " + ended.offered()
                            + " messages to " + target + ": " + ended.dropped()
                            + " were dropped, since the server was too"
                            + " slow, and " + ended.failed() + " failed"
                            + (ended.lastFailure() == null ? "" : ", the last by " + ended.lastFailure())
                            + ". Check the address and the server; the training is not affected.");
        }
    }

    /** Returns how many messages were dropped in all trainings that ended, since the server was too slow. */
    public long dropped() {
        return dropped;
    }

    /** Returns how many messages the server did not take or could not be reached for, in all trainings that ended. */
    public long failed() {
        return failed;
    }
}
