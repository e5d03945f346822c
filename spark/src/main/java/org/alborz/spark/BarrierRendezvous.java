package org.alborz.spark;

import java.io.IOException;
import java.net.ServerSocket;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.HexFormat;
import org.alborz.distributed.Collective;
import org.alborz.distributed.TcpCollective;
import org.alborz.distributed.World;
import org.apache.spark.BarrierTaskContext;
import org.apache.spark.SparkEnv;

/**
 * Where the ranks of an attempt find each other, which they tell through Spark: all of them come, also one that cannot compute.
 *
 * @param world null where one refused
 * @param refusal why they cannot train together, or empty
 */
record BarrierRendezvous(World world, String host, String refusal) {
    private static final String REFUSED = "refused: ";
    private static final int TOKEN_BYTES = 24;

    /**
     * Tells the others that this rank is ready, and hears of them.
     *
     * @param backend that it computes on, which has to be that of all
     */
    static BarrierRendezvous hold(BarrierTaskContext task, String backend) throws IOException {
        String place = "";
        if (task.partitionId() == 0) {
            byte[] token = new byte[TOKEN_BYTES];
            new SecureRandom().nextBytes(token);
            place = own() + " " + freePort() + " " + HexFormat.of().formatHex(token);
        }
        return read(task, task.allGather(backend + "\n" + place));
    }

    /** Tells the others that this rank cannot compute. */
    static BarrierRendezvous refuse(BarrierTaskContext task, String reason) {
        return read(task, task.allGather(REFUSED + "Rank " + task.partitionId() + " cannot compute: " + reason));
    }

    private static BarrierRendezvous read(BarrierTaskContext task, String... said) {
        String[] first = said[0].split("\n", 2);
        for (int rank = 0; rank < said.length; rank++) {
            if (said[rank].startsWith(REFUSED)) {
                return new BarrierRendezvous(null, null, said[rank].substring(REFUSED.length()));
            }
        }
        for (int rank = 1; rank < said.length; rank++) {
            String backend = said[rank].split("\n", 2)[0];
            if (!backend.equals(first[0])) {
                return new BarrierRendezvous(
                        null,
                        null,
                        "Rank " + rank + " computes on " + backend + " and rank 0 on " + first[0]
                                + "; name the backend in place of auto, and give all executors the same libraries");
            }
        }
        String[] place = first[1].split(" ");
        return new BarrierRendezvous(
                new World(task.partitionId(), said.length, place[0], Integer.parseInt(place[1]), place[2]), own(), "");
    }

    private static String own() {
        return SparkEnv.get().blockManager().blockManagerId().host();
    }

    private static int freePort() throws IOException {
        try (ServerSocket server = new ServerSocket(0)) {
            return server.getLocalPort();
        }
    }

    /** Connects with the other ranks. */
    Collective join(Duration timeout) {
        return TcpCollective.rendezvous(world)
                .host(host)
                .joinTimeout(timeout)
                .callTimeout(timeout)
                .join();
    }
}
