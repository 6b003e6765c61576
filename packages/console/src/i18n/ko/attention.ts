import type { ATTENTION as EN } from '../en/attention.ts';

export const ATTENTION: Readonly<Record<keyof typeof EN, string>> = {
  'attention.budget-near': '{owner}의 예산을 {share} 썼습니다',
  'attention.budget-near.action': '지출 보기',
  'attention.budget-spent': '{owner}의 예산이 소진되어 요청이 거부됩니다',
  'attention.budget-spent.action': '예산 늘리기',
  'attention.hit-below-expected': '{endpoint}: 실제 적중 {realised}, 예상 {expected}',
  'attention.hit-below-expected.action': '모델 열기',
  'attention.evaluation-failed': '{evaluation} 평가 미달: {reason}',
  'attention.evaluation-failed.action': '행 보기',
  'attention.endpoint-cooling': '{endpoint}에 오류가 나서 잠시 제외했습니다',
  'attention.endpoint-cooling.action': '모델 열기',
  'attention.resource-failed': '{kind} {name}: {message}',
  'attention.resource-failed.action': '리소스 열기',
  'attention.documents-unreadable': '{knowledgeBase}: 문서 {count}개를 읽지 못했습니다',
  'attention.documents-unreadable.action': '문서 보기',
  'attention.run-failed': '{resource} 실행 실패: {message}',
  'attention.run-failed.action': '실행 열기',
  'attention.price-unknown': '{model}: 가격 없는 요청 {requests}건',
  'attention.price-unknown.action': '가격 설정',
};
