"""Words that say nothing about the subject of a paper: function words, and what papers of every subject say.

Called by `reason_words`. In Korean these are nouns and adverbs only: particles and endings are removed by their
grammar, and what is no noun is not shown.
"""

from __future__ import annotations

_ENGLISH = """
a about above across after again against all almost alone along already also although always am among an and another
any anything are aren around as aside at away be became because become becomes been before behind being below beside
besides between beyond both but by can cannot could couldn did didn do does doesn doing don done down due during each
either else enough etc even ever every everything few fewer first for former from further get gets getting give given
gives go goes going got had hadn has hasn have haven having he hence her here hers herself him himself his how however
i ie eg if in indeed instead into is isn it its itself just last latter least less let lets like likely ll many may
maybe me meanwhile might mine more moreover most mostly much must my myself namely near nearly need needs neither never
nevertheless next no nobody none nor not nothing now of off often on once one ones only onto or other others otherwise
our ours ourselves out over own per perhaps quite rather re really same second seem seems several shall she should
shouldn since so some somehow something sometimes somewhat soon still such than that the their theirs them themselves
then there thereby therefore these they thing things third this those though three through throughout thus to together
too toward towards two four five six seven eight nine ten under unless until up upon us ve versus very via vs was wasn
way ways we well were weren what whatever when whenever where whereas whereby wherein whether which while who whole
whom whose why will with within without won would wouldn yet you your yours
anti co inter intra multi non post pre self semi sub
"""
"""Function words, numbers, prefixes, and the parts of contractions (don't)."""
_ACADEMIC = """
ability able absolute accordingly achieve achieved achieves achieving addition additional additionally address addresses
addressing aim aims allow allowing allows alternative alternatives analyze apart appear applied applies apply applying
approach approaches art attempt attempts author authors available based best better bring brings broad broadly call
called case cases certain challenge challenges challenging change changes clear clearly close common commonly comparable
compare compared comparing comparison comparisons competitive comprehensive conduct conducted consider considered
considering considers consistent consistently contrast contribute contribution contributions corresponding crucial
current currently demonstrate demonstrated demonstrates demonstrating despite detail detailed details develop developed
developing different difficult directly discuss diverse easily easy effect effective effectively effectiveness effects
empirical empirically employ employs enable enables enabling enhance enhanced enhances enhancing ensure ensuring entire
especially essential establish evidence example examples existing experiment experimental experiments explore explored
explores exploring extend extensive extensively fact finally find finding findings finds focus focuses following follows
fully fundamental furthermore future gain gains general generally good great greater greatly help helps high higher
highest highlight highlighting highlights highly hope idea ideas identify impact implement implementation implications
important importantly impressive improve improved improvement improvements improves improving include includes including
increase increased increases increasing increasingly insight insights inspired interesting interestingly introduce
introduced introduces introducing investigate investigated investigates issue issues key kind kinds know known lack
large largely larger largest lead leading leads leverage leverages leveraging limitation limitations limited low lower
main mainly maintain maintaining major make makes making mean means method methods mitigate multiple naturally necessary
new notable notably note novel number numbers numerous observation observe observed obtain obtained obtaining offer
offering offers open original outperform outperforming outperforms overall paper papers particular particularly perform
performance performed performing performs poor possible potential potentially present presented presents previous
previously primarily primary prior problem problems proceed promising proper properly propose proposed proposes
proposing prove proven provide provided provides providing published put range ranging recent recently reduce reduced
reduces reducing related relative relatively release released relevant remain remaining remains remarkable report
reported reports require required requires respectively result resulting results reveal reveals robust set sets setting
settings sheer show showed showing shown shows significant significantly similar similarly simple simply simultaneously
single slightly small smaller solution solutions solve solving sota specific specifically state state-of-the-art
strategy strong stronger studied studies study studying substantial substantially successful successfully sufficient
suggest suggesting suggests superior support surpass surpasses surpassing take taken takes technique techniques think
thorough total traditional try typical typically understand understanding unified unique use used useful user uses using
usually utilize utilizes utilizing valuable variety various vast verify wide widely work works worse worth yield
yielding yields
"""
"""What the abstracts of every subject say."""
_LINKS = "abs arxiv blog com doc docs github gitlab html http https huggingface href io net org pdf url www"
_KOREAN = """
가능성 가지 각각 감안 같음 개념 개인적 거의 건지 결과 결과적 결국 경우 경향 계속 고려 고민 공개 과정 과제 관련 관심
관점 관찰 괜찮 굉장 구성 구현 그거 그걸 그것 그게 그냥 그동안 그때 그래도 그래서 그러 그런 그런데 그럴 그럼 그렇
그리고 그만큼 그중 근거 근본 기대 기반 기본 기본적 기존 까지 나름 나머지 나중 내용 내지 논문 누구 느낌 다른 다수 다시
다양 다음 단순 단점 달성 당연 당장 대략 대부분 대비 대상 대신 대안 대체 대체로 대표 대한 대해 덕분 도움 도입 동시 동안
동일 둘다 뒤쪽 들은 들을 들의 들이 등등 때문 또한 로서 로써 마련 마지막 마찬가지 만약 만큼 많이 맥락 먼저 모두 모든
모습 모양 목적 목표 무언가 무엇 문제 문제점 물론 바로 바탕 반대 반면 발견 발생 발전 발표 방법 방법론 방식 방향 배경
범위 변화 별도 보고 보다 보통 복잡 본문 부분 부족 부터 분명 불가능 비교 비슷 비해 사람 사례 사실 사용 사용자 사이 사항
살짝 상당 상당히 상대 상대적 상태 상황 새로 생각 서로 선택 설명 설정 성공 성과 성능 소개 수준 수행 순간 순서 쉽게 시간
시도 시작 시점 실제 실제로 실험 쓸모 아래 아마 아무 아이디어 아주 아직 아직도 안쪽 앞으로 양쪽 어느 어느정도 어디 어떤
어떻 언급 언제 얼마 얼마나 에게 에서 여기 여기저기 여러 여부 여전히 역시 연구 연구자 영향 예를 예상 예시 예전 예제
오늘 오히려 올해 완전 외에 요소 요즘 용도 우리 우선 원래 위주 위치 유사 유용 으로 의견 의도 의문 의미 이건 이걸 이것
이것저것 이게 이기 이나 이나마 이날 이들 이때 이때문 이라 이라는 이러 이런 이렇 이론 이르 이름 이미 이번 이상 이야기
이용 이유 이전 이제 이쪽 이하 이후 인상 인상적 일단 일들 일반 일반적 일부 일종 입장 자세 자신 자체 작업 작은 장점 저자
저자들 적용 적절 전반 전체 전혀 접근 정도 정도로 정리 정말 제공 제기 제시 제안 제외 제일 조금 존재 종류 좋은 주로 주요
주장 주제 준비 중심 중요 중요성 즉시 지금 지점 직접 진행 차원 차이 차이점 처럼 처음 최고 최근 최대 최소 추가 추가적
충분 측면 크게 타당 테스트 통해 특별 특성 특이 특정 특히 파악 편이 포함 표현 필요 필요성 하나 하지 학계 한계 한번 한편
함께 항상 해결 해당 핵심 향상 현상 현재 형태 혹시 확실 확인 활용 회사 효과 후속 훨씬 흐름 흥미
"""
"""The same in Korean, pronouns and adverbs among them."""

FUNCTION_WORDS = frozenset(f"{_ENGLISH} {_ACADEMIC} {_LINKS} {_KOREAN}".split())
