package org.alborz.spark;

import java.io.Closeable;
import java.io.IOException;
import java.net.ServerSocket;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.HexFormat;
import org.alborz.distributed.Collective;
import org.alborz.distributed.TcpCollective;
import org.alborz.distributed.TcpRendezvous;
import org.alborz.distributed.World;
import org.apache.spark.BarrierTaskContext;
import org.apache.spark.SparkEnv;

/**
 * Where the ranks of an attempt find each other, which they tell through Spark: all of them come, also one that cannot compute.
 *
 * @param meeting where rank 0 listens; null in other ranks
 * @param world null where one refused
 * @param refusal why they cannot train together, or empty
 */
record BarrierRendezvous(ServerSocket meeting, World world, String host, String refusal) implements Closeable {
    private static final String REFUSED = "refused: ";
    private static final int TOKEN_BYTES = 24;

    /**
     * Tells the others that this rank is ready, and hears of them.
     *
     * @param backend that it computes on, which has to be that of all
     */
    static BarrierRendezvous hold(BarrierTaskContext task, String backend) throws IOException {
        String place = "";
        ServerSocket meeting = null;
        if (task.partitionId() == 0) {
            byte[] token = new byte[TOKEN_BYTES];
            new SecureRandom().nextBytes(token);
            meeting = new ServerSocket(0); // bound before the others hear of its port, so that nobody else takes it
            place = own() + " " + meeting.getLocalPort() + " " + HexFormat.of().formatHex(token);
        }
        BarrierRendezvous held = null;
        try {
            held = read(task, meeting, task.allGather(backend + "\n" + place));
            return held;
        } finally {
            if (held == null && meeting != null) {
                meeting.close();
            }
        }
    }

    /**
     * Tells the others that this rank cannot train.
     *
     * @param reason that begins with a verb, after the rank
     */
    static BarrierRendezvous refuse(BarrierTaskContext task, String reason) {
        return read(task, null, task.allGather(REFUSED + "Rank " + task.partitionId() + " " + reason));
    }

    private static BarrierRendezvous read(BarrierTaskContext task, ServerSocket meeting, String... said) {
        String[] first = said[0].split("\n", 2);
        for (int rank = 0; rank < said.length; rank++) {
            if (said[rank].startsWith(REFUSED)) {
                return new BarrierRendezvous(meeting, null, null, said[rank].substring(REFUSED.length()));
            }
        }
        for (int rank = 1; rank < said.length; rank++) {
            String backend = said[rank].split("\n", 2)[0];
            if (!backend.equals(first[0])) {
                return new BarrierRendezvous(
                        meeting,
                        null,
                        null,
                        "Rank " + rank + " computes on " + backend + " and rank 0 on " + first[0]
                                + "; name the backend in place of auto, and give all executors the same libraries");
            }
        }
        String[] place = first[1].split(" ");
        return new BarrierRendezvous(
                meeting,
                new World(task.partitionId(), said.length, place[0], Integer.parseInt(place[1]), place[2]),
                own(),
                "");
    }

    private static String own() {
        return SparkEnv.get().blockManager().blockManagerId().host();
    }

    /** Connects with the other ranks. */
    Collective join(Duration timeout) {
        TcpRendezvous rendezvous =
                TcpCollective.rendezvous(world).host(host).joinTimeout(timeout).callTimeout(timeout);
        return (meeting == null ? rendezvous : rendezvous.listening(meeting)).join();
    }

    @Override
    public void close() throws IOException {
        if (meeting != null) {
            meeting.close();
        }
    }
}
