package org.alborz.spark;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import org.alborz.distributed.Collective;
import org.alborz.distributed.TcpCollective;
import org.alborz.distributed.TcpRendezvous;
import org.alborz.distributed.World;
import org.apache.spark.BarrierTaskContext;
import org.apache.spark.SparkEnv;

/**
 * Where the ranks of an attempt find each other, which they tell through Spark: all of them come, also one that cannot compute.
 *
 * @param rendezvous of rank 0, which holds its port; null in other ranks
 * @param world null where one refused
 * @param refusal why they cannot train together, or empty
 */
record BarrierRendezvous(TcpRendezvous rendezvous, World world, String refusal) implements AutoCloseable {
    /** The environment variable of the executors with the password of the key store. */
    static final String PASSWORD = "ALBORZ_KEYSTORE_PASSWORD";

    private static final String REFUSED = "refused: ";
    private static final String READ = "to read their rows";

    /**
     * Tells the others that this rank is ready, and hears of them.
     *
     * @param backend that it computes on, which has to be that of all
     * @param keyStore for TLS, or null
     * @param patience how long the others may take to read their rows
     */
    static BarrierRendezvous hold(BarrierTaskContext task, String backend, String keyStore, Duration patience)
            throws IOException {
        String place = "";
        TcpRendezvous meeting = null;
        if (task.partitionId() == 0) {
            World world = new World(0, task.getTaskInfos().length, own(), 0, World.newToken());
            meeting = rendezvous(world, keyStore);
            place = own() + " " + meeting.bind() + " " + world.token(); // bound before the others hear of the port
        }
        BarrierRendezvous held = null;
        try {
            held = read(task, meeting, BarrierCall.allGather(task, backend + "\n" + place, patience, READ));
            return held;
        } finally {
            if (held == null && meeting != null) {
                meeting.unbind();
            }
        }
    }

    /**
     * Tells the others that this rank cannot train.
     *
     * @param reason that begins with a verb, after the rank
     */
    static BarrierRendezvous refuse(BarrierTaskContext task, String reason, Duration patience) {
        String said = REFUSED + "Rank " + task.partitionId() + " " + reason;
        return read(task, null, BarrierCall.allGather(task, said, patience, READ));
    }

    private static BarrierRendezvous read(BarrierTaskContext task, TcpRendezvous meeting, String... said) {
        String[] first = said[0].split("\n", 2);
        for (int rank = 0; rank < said.length; rank++) {
            if (said[rank].startsWith(REFUSED)) {
                return new BarrierRendezvous(meeting, null, said[rank].substring(REFUSED.length()));
            }
        }
        for (int rank = 1; rank < said.length; rank++) {
            String backend = said[rank].split("\n", 2)[0];
            if (!backend.equals(first[0])) {
                return new BarrierRendezvous(
                        meeting,
                        null,
                        "Rank " + rank + " computes on " + backend + " and rank 0 on " + first[0]
                                + "; name the backend in place of auto, and give all executors the same libraries");
            }
        }
        String[] place = first[1].split(" ");
        return new BarrierRendezvous(
                meeting,
                new World(task.partitionId(), said.length, place[0], Integer.parseInt(place[1]), place[2]),
                "");
    }

    private static String own() {
        return SparkEnv.get().blockManager().blockManagerId().host();
    }

    /** @throws IllegalArgumentException when there is no such key store, or its password is not that of the environment */
    private static TcpRendezvous rendezvous(World world, String keyStore) {
        TcpRendezvous rendezvous = TcpCollective.rendezvous(world).host(own());
        return keyStore == null ? rendezvous : rendezvous.tls(Path.of(keyStore), password());
    }

    private static char[] password() {
        String password = System.getenv(PASSWORD);
        if (password == null) {
            throw new IllegalArgumentException("The password of the key store is missing on the executors: add"
                    + " spark.executorEnv." + PASSWORD + "=… to a file that only you can read (chmod 600), and give it"
                    + " to spark-submit by --properties-file (--conf shows it to all users of the machine), or on"
                    + " Kubernetes add a secret by"
                    + " spark.kubernetes.executor.secretKeyRef." + PASSWORD);
        }
        return password.toCharArray();
    }

    /** Refuses a key store that cannot be used here, before the ranks meet. */
    static void requireUsable(String keyStore) {
        if (keyStore != null) {
            rendezvous(new World(0, 1, own(), 0, World.newToken()), keyStore);
        }
    }

    /** Connects with the other ranks. */
    Collective join(String keyStore, Duration timeout) {
        return (rendezvous == null ? rendezvous(world, keyStore) : rendezvous)
                .joinTimeout(timeout)
                .callTimeout(timeout)
                .join();
    }

    @Override
    public void close() {
        if (rendezvous != null) {
            rendezvous.unbind();
        }
    }
}
