package batchnorm.layer;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ReplicaTest {
    private final Replica here = new Replica("here", new byte[32]);

    @Test
    void keepsItsSecret() {
        assertThat(here).hasToString("here");
    }

    @Test
    void makesIdsThatNameTheirKindAndTheirMaker() {
        SignedIdGenerator contexts = here.mint('c');
        String id = contexts.next();
        assertThat(contexts.next()).isNotEqualTo(id);
        assertThat(contexts.isOurs(id)).isTrue();
        assertThat(contexts.madeHere(id)).isTrue();
        assertThat(here.mint('g').isOurs(id)).as("another kind of thing").isFalse();
        SignedIdGenerator there = new Replica("there", new byte[32]).mint('c');
        assertThat(there.isOurs(id)).as("of the same registry").isTrue();
        assertThat(there.madeHere(id)).isFalse();
    }
}
