package org.alborz.cli;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Supplier;
import org.alborz.cuda.NcclCollective;
import org.alborz.distributed.Collective;
import org.alborz.notice.Warnings;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** How the ranks of a group exchange gradients, which all have to choose alike. */
enum CollectiveChoice {
    /** By NCCL where all ranks compute by the backend cuda and have it, else by TCP. */
    AUTO,
    TCP,
    NCCL;

    private static final Logger log = LoggerFactory.getLogger(CollectiveChoice.class);
    private static final String CUDA = "cuda";

    /** Reads the value of {@code --collective}. */
    static CollectiveChoice of(String name) {
        return Arrays.stream(values())
                .filter(choice -> choice.toString().equals(name))
                .findFirst()
                .orElseThrow(() -> CommandFailure.usage(
                        "--collective expects one of " + Arrays.toString(values()) + ", got '" + name + "'"));
    }

    /**
     * What a rank can do.
     *
     * @param missing what it lacks for NCCL, with the remedy; empty where it lacks nothing
     */
    private record Rank(String choice, String backend, String missing) {
        byte[] encoded() {
            return String.join("\n", choice, backend, missing.replace('\n', ' '))
                    .getBytes(StandardCharsets.UTF_8);
        }

        static Rank of(byte... encoded) {
            String[] parts = new String(encoded, StandardCharsets.UTF_8).split("\n", -1);
            return new Rank(parts[0], parts[1], parts[2]);
        }
    }

    /**
     * Tells whether NCCL is used; the same in all ranks, which ask at the same time.
     *
     * @throws CommandFailure in all ranks, where they choose differently, or NCCL was asked for by name and one has it not
     */
    boolean isNccl(Collective group, String backend) {
        return isNccl(group, backend, NcclCollective::unavailable);
    }

    boolean isNccl(Collective group, String backend, Supplier<Optional<String>> missing) {
        boolean possible = backend.equals(CUDA) && this != TCP;
        Rank own = new Rank(toString(), backend, possible ? missing.get().orElse("") : "");
        List<Rank> ranks = new ArrayList<>();
        for (byte[] encoded : group.allGather(own.encoded())) {
            ranks.add(Rank.of(encoded));
        }
        for (int i = 0; i < ranks.size(); i++) {
            if (!ranks.get(i).choice().equals(ranks.get(0).choice())) {
                throw CommandFailure.usage("--collective is " + ranks.get(0).choice() + " in rank 0 and "
                        + ranks.get(i).choice() + " in rank " + i + "; give all ranks the same");
            }
        }
        return this != TCP && reason(ranks).isEmpty();
    }

    /** Returns why a group that would use NCCL does not. */
    private Optional<String> reason(List<Rank> ranks) {
        for (int i = 0; i < ranks.size(); i++) {
            Rank rank = ranks.get(i);
            if (!rank.backend().equals(CUDA)) {
                refuse("rank " + i + " computes on " + rank.backend() + ". Add --backend cuda");
                return Optional.of(rank.backend());
            }
            if (!rank.missing().isEmpty()) {
                refuse("rank " + i + " cannot load it: " + rank.missing());
                Warnings.warn(
                        log,
                        "Gradients are exchanged over the host's memory by TCP, since rank " + i + " cannot load NCCL: "
                                + rank.missing() + " --collective tcp does so without this warning.");
                return Optional.of(rank.missing());
            }
        }
        return Optional.empty();
    }

    private void refuse(String why) {
        if (this == NCCL) {
            throw new CommandFailure(
                    ExitCodes.BACKEND, "--collective nccl needs NCCL and a GPU in every rank, and " + why);
        }
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
