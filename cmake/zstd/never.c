/* SPDX-License-Identifier: Apache-2.0 */
/* What never.h names: none of it is ever called. */
#include "never.h"

#include "compress/zstd_compress_superblock.h"
#include "compress/zstd_double_fast.h"
#include "compress/zstd_fast.h"
#include "compress/zstd_lazy.h"
#include "compress/zstd_ldm.h"

_Noreturn static void never(void) {
    __builtin_trap();
}

size_t ZSTD_compressBlock_never(ZSTD_matchState_t* ms, seqStore_t* seqStore,
                                U32 rep[ZSTD_REP_NUM], void const* src, size_t srcSize) {
    (void)ms, (void)seqStore, (void)rep, (void)src, (void)srcSize;
    never();
}

void ZSTD_loadDictionary_never(ZSTD_matchState_t* ms, const BYTE* const ip) {
    (void)ms, (void)ip;
    never();
}

void ZSTD_fillHashTable_never(ZSTD_matchState_t* ms, void const* end,
                              ZSTD_dictTableLoadMethod_e dtlm, ZSTD_tableFillPurpose_e tfp) {
    (void)ms, (void)end, (void)dtlm, (void)tfp;
    never();
}

void ZSTD_ldm_fillHashTable(ldmState_t* state, const BYTE* ip, const BYTE* iend,
                            ldmParams_t const* params) {
    (void)state, (void)ip, (void)iend, (void)params;
    never();
}

size_t ZSTD_ldm_generateSequences(ldmState_t* ldms, rawSeqStore_t* sequences,
                                  ldmParams_t const* params, void const* src, size_t srcSize) {
    (void)ldms, (void)sequences, (void)params, (void)src, (void)srcSize;
    never();
}

size_t ZSTD_ldm_blockCompress(rawSeqStore_t* rawSeqStore, ZSTD_matchState_t* ms,
                              seqStore_t* seqStore, U32 rep[ZSTD_REP_NUM],
                              ZSTD_paramSwitch_e useRowMatchFinder, void const* src,
                              size_t srcSize) {
    (void)rawSeqStore, (void)ms, (void)seqStore, (void)rep, (void)useRowMatchFinder;
    (void)src, (void)srcSize;
    never();
}

size_t ZSTD_compressSuperBlock(ZSTD_CCtx* zc, void* dst, size_t dstCapacity, void const* src,
                               size_t srcSize, unsigned lastBlock) {
    (void)zc, (void)dst, (void)dstCapacity, (void)src, (void)srcSize, (void)lastBlock;
    never();
}
