import type { SETTINGS as EN } from '../en/settings.ts';

export const SETTINGS: Readonly<Record<keyof typeof EN, string>> = {
  'settings.appearance': '화면',
  'settings.language': '언어',
  'settings.theme': '테마',
  'settings.about': '정보',
  'settings.logOut': '로그아웃',
  'settings.version': '버전',
  'settings.baseUrl': '클라이언트 주소',
  'settings.dataDir': '데이터 폴더',
  'settings.store': '저장소',
  'settings.started': '시작',
  'settings.content': '프롬프트와 답변',
  'settings.contentOn': '트레이스에 저장함',
  'settings.contentOff': '저장하지 않음',
  'settings.role': '로그인 계정',
  'settings.roleAdmin': '관리자',
  'settings.roleKey': '{tenant}의 키',
};
